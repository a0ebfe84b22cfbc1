/** More characters of markup than any honest text has; a Markdown parser's worst cases grow with their square. */
const MAX_MARKUP_CHARS = 1_500
const MARKUP = /[*_~[\]!`<&]|:\/\//g
/** Quotes and lists in one another, deeper than anybody writes them; a parser's stack goes with the depth. */
const DEEP_NESTING = /^(?:[ \t]*(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s))){30}/m
/** More items of lists, underlines of headings and rows of tables than anybody reads. */
const MAX_ITEMS = 1_000
const ITEM = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])(?=\s|$)|=|\|)/gm
/** More lines, and more cells of tables, than anybody reads. */
const MAX_LINES = 3_000
const MAX_CELLS = 3_000
/** More parts than any address has: what looks for addresses in a text begins anew at each of them. */
const LONG_ADDRESS = /(?:[-.+]\w*){400}/

/**
 * Whether a text can be given to a Markdown parser without blocking the process for seconds. Texts by others are asked
 * this first: a comment is read before anybody's permission is known.
 */
export function isParseable(text: string): boolean {
  if (DEEP_NESTING.test(text) || LONG_ADDRESS.test(text)) return false
  const atMost = (max: number, pattern: RegExp) => (text.match(pattern)?.length ?? 0) <= max
  return atMost(MAX_MARKUP_CHARS, MARKUP) && atMost(MAX_ITEMS, ITEM) && atMost(MAX_LINES, /\n/g) && atMost(MAX_CELLS, /\|/g)
}
