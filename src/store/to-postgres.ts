/**
 * Agents and people write anything, also what Postgres refuses: NUL in text, and in JSON NUL or half a surrogate pair (as
 * a cut through an emoji leaves it). Refused once would be refused at every retry, so these become U+FFFD on the way in.
 */

/** A lone surrogate or NUL as `JSON.stringify` writes it: an escape after an even number of backslashes. */
const REFUSED_ESCAPE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g

/** JSON text that Postgres takes as `jsonb`. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value ?? null)
  if (!text.includes('\\u')) return text
  return text.replace(REFUSED_ESCAPE, '$1\\ufffd')
}

/** Text that Postgres takes as `text`. */
export function toText(value: string): string {
  return value.replaceAll('\0', '\ufffd').toWellFormed()
}
