/**
 * Takes out of Markdown what its reader does not see. The text is parsed, so that code, where everything is seen, stays
 * as it is, and what is taken out is cut from the source, so that the rest stays byte for byte.
 */
import type { Code, Definition, FootnoteDefinition, Image, Link, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { stripHtmlNode } from './hidden-html.ts'
import { isParseable } from './parseable.ts'
import { scanMarkup } from './scan-markup.ts'

/** Texts above this many characters are scanned, not parsed: a parser's worst cases grow with the square. */
const MAX_PARSED_CHARS = 20_000
/** A code block's language; more than that behind the fence is not shown. */
const LANGUAGE = /^[\w+#.-]{1,30}$/

interface Edit {
  start: number
  end: number
  text: string
}

/** Markdown without what its reader does not see. One pass: what the pass brings to light is for the next. */
export function stripHiddenMarkup(text: string): string {
  if (text.length > MAX_PARSED_CHARS || !isParseable(text)) return scanMarkup(text)
  try {
    return applyEdits(text, editsOf(text))
  } catch {
    // Nesting deep enough to exhaust the parser's stack is no honest text: the coarse way is good enough for it.
    return scanMarkup(text)
  }
}

function editsOf(text: string): Edit[] {
  const extensions = [gfm(), { disable: { null: ['attention'] } }]
  const tree = fromMarkdown(text, { extensions, mdastExtensions: [gfmFromMarkdown()] })
  const references = referencesOf(tree)
  const edits: Edit[] = []
  visit(tree, (node) => {
    const start = node.position?.start.offset
    const end = node.position?.end.offset
    if (start === undefined || end === undefined) return
    const source = text.slice(start, end)
    const replacement = replacementFor(node, source, references, text)
    if (replacement !== source) edits.push({ start, end, text: replacement })
  })
  return edits
}

interface References {
  used: ReadonlySet<string>
  urls: ReadonlyMap<string, string>
  first: ReadonlySet<Nodes>
}

function referencesOf(tree: Nodes): References {
  const used = new Set<string>()
  const urls = new Map<string, string>()
  const first = new Set<Nodes>()
  const defined = new Set<string>()
  visit(tree, (node) => {
    if (node.type === 'linkReference') used.add(`link ${node.identifier}`)
    if (node.type === 'footnoteReference') used.add(`note ${node.identifier}`)
    if (node.type !== 'definition' && node.type !== 'footnoteDefinition') return
    const key = `${node.type === 'definition' ? 'link' : 'note'} ${node.identifier}`
    if (defined.has(key)) return
    defined.add(key)
    first.add(node)
    if (node.type === 'definition') urls.set(node.identifier, node.url)
  })
  return { used, urls, first }
}

function replacementFor(node: Nodes, source: string, references: References, text: string): string {
  switch (node.type) {
    case 'html':
      return stripHtmlNode(source)
    case 'image':
      return image(node, source)
    case 'imageReference':
      return `![](${escapeUrl(references.urls.get(node.identifier) ?? '')})`
    case 'link':
      return link(node, source, text)
    case 'definition':
    case 'footnoteDefinition':
      return definition(node, source, references)
    case 'code':
      return code(node, source)
    default:
      return source
  }
}

function image(node: Image, source: string): string {
  return node.alt || node.title ? `![](${escapeUrl(node.url)})` : source
}

function link(node: Link, source: string, text: string): string {
  const start = node.children[0]?.position?.start.offset
  const end = node.children.at(-1)?.position?.end.offset
  if (start === undefined || end === undefined) return ''
  return node.title ? `[${text.slice(start, end)}](${escapeUrl(node.url)})` : source
}

function definition(node: Definition | FootnoteDefinition, source: string, references: References): string {
  const key = `${node.type === 'definition' ? 'link' : 'note'} ${node.identifier}`
  if (!references.used.has(key) || !references.first.has(node)) return ''
  if (node.type === 'definition' && node.title) return `[${node.label ?? node.identifier}]: ${escapeUrl(node.url)}`
  return source
}

function code(node: Code, source: string): string {
  const [fence] = /^[`~]{3,}/.exec(source) ?? []
  if (fence === undefined) return source
  const language = node.lang !== null && node.lang !== undefined && LANGUAGE.test(node.lang) ? node.lang : ''
  const info = source.slice(fence.length).split('\n', 1)[0] ?? ''
  return info.trim() === language ? source : `${fence}${language}${source.slice(fence.length + info.length)}`
}

/** A link's address in a form that cannot end the link, whatever it holds. */
function escapeUrl(url: string): string {
  return url.replaceAll(/[\s<>()[\]\\"'&`]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The outermost edits; what lies inside one of them is for the next pass. */
function applyEdits(text: string, edits: Edit[]): string {
  let result = ''
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < at) continue
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}
