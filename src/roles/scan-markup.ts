/**
 * The coarse way to take out of Markdown what its reader does not see, for texts that no parser should be asked to read. One
 * sweep per rule, each in time that grows with the text and no faster; code is no exception here, and where it is in
 * doubt whether somebody sees a thing, it goes.
 */
import { stripHiddenHtml } from './hidden-html.ts'

/** A line's quotes and list items, before what it says. */
const LEAD = String.raw`^(?<lead>(?:[ \t]*(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s)))*[ \t]*)`
const QUOTED = String.raw`(?:"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|\((?:\\[\s\S]|[^()\\])*\))`
/** A link's address, with parentheses in it one deep. */
const ADDRESS = String.raw`(?<url><[^<>\n]*>|(?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\])*\))*)`
const TITLE = new RegExp(String.raw`\]\(\s*(?!\s)${ADDRESS}\s+${QUOTED}\s*\)`, 'g')
const LINK_WITHOUT_WORDS = new RegExp(String.raw`(?<!!)\[\s*\]\(\s*(?!\s)${ADDRESS}\s*\)`, 'g')
/** A footnote with the lines that belong to it: those up to an empty one, and indented ones behind that. */
const NOTE = new RegExp(
  String.raw`${LEAD}\[\^[^\s[\]]{1,999}\]:[^\n]*(?:\n[ \t>]*[^\s>][^\n]*)*(?:\n[ \t]*(?=\n)|\n(?: {4}|\t)[^\n]*)*`,
  'gm',
)
/** A definition; its address and its title may stand on lines of their own. With more behind it, it is shown, and none. */
const DEFINITION = new RegExp(
  String.raw`${LEAD}\[(?:\\[\s\S]|[^[\]\\]){1,999}\]:[ \t]*(?:\n[ \t>]*)?(?:<[^<>\n]*>|[^\s<]\S*)` +
    String.raw`(?:(?:[ \t]+|[ \t]*\n[ \t>]*)${QUOTED}[ \t]*$|[ \t]*$)`,
  'gm',
)
/** What follows a fence. That of backticks has none in it; else it is no fence. */
const INFO = /^(?<fence>[ >]{0,20}(?:`{3,}(?!`)|~{3,}(?!~)))(?:(?<=`)[^\n`]+|(?<=~)[^\n]+)$/gm

/** Markdown without what its reader does not see, coarsely. Never throws. */
export function scanMarkup(text: string): string {
  return withoutAlternatives(stripHiddenHtml(text))
    .replaceAll(TITLE, ']($<url>)')
    .replaceAll(LINK_WITHOUT_WORDS, '')
    .replaceAll(NOTE, '$<lead>')
    .replaceAll(DEFINITION, '$<lead>')
    .replaceAll(INFO, '$<fence>')
}

interface Opener {
  /** Where what it opens begins. */
  readonly at: number
  readonly image: boolean
  /** How many backticks and angle brackets came before it. */
  readonly odd: number
}

/** Escapes, what opens and closes a link or an image, what may hide a bracket from a parser, and a paragraph's end. */
const BRACKETS = /\\[\s\S]|!?\[|\]|[`<]|\n[ \t>]*(?=\n)/g

/**
 * Images without their alternative texts. Which bracket ends one is not certain where code or HTML is in it: then, and where
 * none does, all goes up to the last bracket of the paragraph.
 */
function withoutAlternatives(text: string): string {
  const cuts: [number, number][] = []
  let open: Opener[] = []
  let odd = 0
  let last = 0
  const endParagraph = () => {
    const left = open.find(({ image }) => image)
    if (left !== undefined && last > left.at) cuts.push([left.at, last])
    open = []
  }
  for (const { 0: token, index } of text.matchAll(BRACKETS)) {
    if (token === '`' || token === '<') odd += 1
    else if (token === '[' || token === '![') open.push({ at: index + token.length, image: token !== '[', odd })
    else if (token.startsWith('\n')) endParagraph()
    if (token !== ']') continue
    last = index
    const opener = open.at(-1)
    if (opener === undefined || (opener.image && opener.odd < odd)) continue
    open.pop()
    if (opener.image && index > opener.at) cuts.push([opener.at, index])
  }
  endParagraph()
  return without(text, cuts)
}

/** The text without these parts of it, which may lie in one another. */
function without(text: string, cuts: readonly [number, number][]): string {
  let rest = ''
  let at = 0
  for (const [start, end] of cuts.toSorted(([a], [b]) => a - b)) {
    if (start > at) rest += text.slice(at, start)
    at = Math.max(at, end)
  }
  return rest + text.slice(at)
}
