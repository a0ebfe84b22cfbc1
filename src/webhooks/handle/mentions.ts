/** Which issues and pull requests a text mentions, as GitHub would link them. */
import { cleanText } from '../../roles/clean-text.ts'

/** An issue or a pull request, by the name that was written. */
export interface Mention {
  repository: string
  number: number
}

/** `owner/repo#12`, `#12` and `GH-12`; not within a word, nor a colour of more than six digits. */
const SHORT = /(?<![\w/&#.-])(?:([\w.-]{1,100}\/[\w.-]{1,100})#|#|GH-)([1-9]\d{0,6})(?![\w-])/g
/** An issue's or a pull request's address on any server. */
const LONG = /https?:\/\/[^\s/]{1,253}\/([\w.-]{1,100}\/[\w.-]{1,100})\/(?:issues|pull)\/([1-9]\d{0,6})(?![\w-])/gi
/** Fences that are longer than anybody writes them are no fences: whether one closes is asked at each place. */
const CODE = /(`{3,200}|~{3,200})[\s\S]*?(?:\1|$)|`[^`\n]*`/g

/**
 * The mentions in the order of their first one, each once, at most `max`. What a reader of the page does not see mentions
 * nothing, nor does code.
 *
 * @param where the repository that a bare `#12` means, and GitHub's web address
 * @see https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 */
export function mentionsIn(text: string, where: { repository: string; serverUrl: string }, max: number): Mention[] {
  const visible = cleanText(text).replaceAll(CODE, ' ')
  const prefix = `${where.serverUrl}/`.toLowerCase()
  const urls = [...visible.matchAll(LONG)].filter(([address]) => address.toLowerCase().startsWith(prefix))
  // An address is one mention: its anchor is not read as another.
  const rest = visible.replaceAll(/https?:\/\/\S+/g, (address) => ' '.repeat(address.length))
  const found = [...urls, ...rest.matchAll(SHORT)].toSorted((a, b) => a.index - b.index)
  const seen = new Map<string, Mention>()
  for (const [, repository = where.repository, number] of found) {
    const key = `${repository.toLowerCase()}#${number}`
    if (!seen.has(key) && seen.size < max) seen.set(key, { repository, number: Number(number) })
  }
  return [...seen.values()]
}
