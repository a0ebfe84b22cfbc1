import { distance } from 'fastest-levenshtein'

/** A word is taken for a slip of another when at most this share of its letters differs. */
const SLIP_SHARE = 0.5
/** So few letters differ in a slip of the finger. */
const FINGER_SLIP_MAX = 2

/** The known words that a mistyped one may stand for, nearest first; none where nothing is near. */
export function nearest(word: string, known: Iterable<string>, most = 3): string[] {
  const lower = word.toLowerCase()
  return [...known]
    .map((candidate) => ({ candidate, far: distance(lower, candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.max(lower.length, candidate.length) * SLIP_SHARE))
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** Whether a word is one of these with a letter or two wrong. */
export function isFingerSlip(word: string, known: readonly string[]): boolean {
  return known.some((candidate) => distance(word.toLowerCase(), candidate.toLowerCase()) <= FINGER_SLIP_MAX)
}

/** What to say of a word that is not known: the nearest ones, else all. */
export function suggestion(word: string, known: Iterable<string>): string {
  const all = [...known]
  const near = nearest(word, all)
  if (near.length > 0) return `did you mean ${inWords(near.map(quoted), 'or')}?`
  if (all.length === 0) return 'nothing can stand here.'
  return `known here: ${all.map(quoted).join(', ')}.`
}

/** `a`, `a or b`, `a, b or c`. */
export function inWords(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

/** How much of somebody's words is quoted back, in characters. */
const QUOTED_MAX = 80

/** Words of others as code in Markdown, on one line: they cannot break out, and cannot flood. */
export function quoted(words: string): string {
  const line = words.replaceAll('`', "'").replace(/\s+/g, ' ')
  return `\`${line.length > QUOTED_MAX ? `${line.slice(0, QUOTED_MAX)}…` : line}\``
}
