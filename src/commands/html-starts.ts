/** Where HTML begins and ends in GitHub's Markdown: https://github.github.com/gfm/#html-blocks and #raw-html. */

/** Elements that begin an HTML block wherever they stand. */
const BLOCK_ELEMENTS =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|source|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul'

const ATTRIBUTE = '\\s+[A-Za-z_:][A-Za-z0-9_.:-]*(?:\\s*=\\s*(?:[^\\s"\'=<>`]+|\'[^\']*\'|"[^"]*"))?'
const TAG = `<(?:[A-Za-z][A-Za-z0-9-]*(?:${ATTRIBUTE})*\\s*/?|/[A-Za-z][A-Za-z0-9-]*\\s*)>`

/** A kind of HTML block: how it begins, how it ends (null: at an empty line), whether it may end a paragraph. */
interface HtmlBlock {
  start: RegExp
  end: RegExp | null
  interrupts: boolean
}

const HTML_BLOCKS: readonly HtmlBlock[] = [
  { start: /^<(?:script|pre|style|textarea)(?:\s|>|$)/i, end: /<\/(?:script|pre|style|textarea)>/i, interrupts: true },
  { start: /^<!--/, end: /-->/, interrupts: true },
  { start: /^<\?/, end: /\?>/, interrupts: true },
  { start: /^<![A-Za-z]/, end: />/, interrupts: true },
  { start: /^<!\[CDATA\[/, end: /\]\]>/, interrupts: true },
  { start: new RegExp(`^</?(?:${BLOCK_ELEMENTS})(?:\\s|/?>|$)`, 'i'), end: null, interrupts: true },
  { start: new RegExp(`^${TAG}\\s*$`), end: null, interrupts: false },
]

/** The HTML block that a line (without its indentation) begins, if it begins one. */
export function htmlBlockAt(line: string, inParagraph: boolean): HtmlBlock | undefined {
  if (!line.startsWith('<')) return undefined
  return HTML_BLOCKS.find(({ start, interrupts }) => (interrupts || !inParagraph) && start.test(line))
}

const SPANS = [
  { open: '<!--', close: '-->' },
  { open: '<![CDATA[', close: ']]>' },
  { open: '<?', close: '?>' },
] as const

/** Finds the end of HTML within a paragraph. Made per paragraph: what is not closed once is never looked for again. */
export function htmlFinder(text: string): (at: number) => number | null {
  const unclosed = new Set<string>()
  const tag = new RegExp(TAG, 'y')
  return (at) => {
    const span = SPANS.find(({ open }) => text.startsWith(open, at))
    if (span !== undefined) return closing(span.close, at + span.open.length)
    if (/[A-Za-z]/.test(text.charAt(at + 2)) && text.startsWith('<!', at)) return closing('>', at)
    tag.lastIndex = at
    return tag.test(text) ? tag.lastIndex : null
  }

  function closing(close: string, from: number): number | null {
    if (unclosed.has(close)) return null
    const found = text.indexOf(close, from)
    if (found === -1) unclosed.add(close)
    return found === -1 ? null : found + close.length
  }
}
