/** More characters of markup than any honest text has; a Markdown parser's worst cases grow with their square. */
const MAX_MARKUP_CHARS = 1_500
const MARKUP = /[*_~[\]!`<&]|:\/\//g
/** Quotes and lists in one another, deeper than anybody writes them; a parser's stack goes with the depth. */
const DEEP_NESTING = /^(?:[ \t]*(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s))){30}/m
/** More items of lists than anybody reads. */
const MAX_ITEMS = 1_000
const ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/gm
/** More parts than any address has: what looks for addresses in a text begins anew at each of them. */
const LONG_ADDRESS = /(?:[-.+]\w*){400}/

/**
 * Whether a text can be given to a Markdown parser without blocking the process for seconds. Texts by others are asked
 * this first: a comment is read before anybody's permission is known.
 */
export function isParseable(text: string): boolean {
  if (DEEP_NESTING.test(text) || LONG_ADDRESS.test(text)) return false
  return (text.match(MARKUP)?.length ?? 0) <= MAX_MARKUP_CHARS && (text.match(ITEM)?.length ?? 0) <= MAX_ITEMS
}
