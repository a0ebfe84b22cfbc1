import { stripInvisible } from '../roles/invisible.ts'

/** Put where GitHub would otherwise see a mention or a closing keyword; readers do not see it. */
const ZERO_WIDTH_SPACE = '\u200b'

/** An `@` that could begin a mention. */
const MENTION = /(?<![A-Za-z0-9])@(?=[A-Za-z0-9])/g
const MENTION_AT_END = /@$/
/** A closing keyword before what could be a reference; no owner and no repository has a name of more than 100 characters. */
const CLOSING =
  /(?<![A-Za-z0-9])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=\s*(?::\s*)?(?:#|GH-\d|https?:|[\w.-]{1,100}\/[\w.-]{1,100}#|\[|\*|_|<))/gi
const CLOSING_AT_END = /(?<![A-Za-z0-9])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=\s*(?::\s*)?$)/i
const MARKER = /switchyard:(?=status|pull|control|questions|whole|reply|revert|ticket|reminder)/gi

const parted = (word: string) => `${word.slice(0, 2)}${ZERO_WIDTH_SPACE}${word.slice(2)}`

/**
 * The text with mentions that notify nobody, closing keywords that close nothing, and markers that mark nothing.
 * `followed`: something other than text comes after it, which could complete what its end begins.
 */
export function neutralText(text: string, followed = false): string {
  const inside = neutralCode(text).replaceAll(MENTION, `@${ZERO_WIDTH_SPACE}`)
  return followed ? inside.replace(CLOSING_AT_END, parted).replace(MENTION_AT_END, `@${ZERO_WIDTH_SPACE}`) : inside
}

/** The same for code, where GitHub sees no mentions; keywords there still count once the text becomes a commit message. */
export function neutralCode(text: string): string {
  // Once more: a character reference that was in two halves is whole, and read, by now.
  return stripInvisible(text).replaceAll(CLOSING, parted).replaceAll(MARKER, parted)
}
