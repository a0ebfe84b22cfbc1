import type { ListItem, Nodes, PhrasingContent, RootContent } from 'mdast'
import { toString as plainText } from 'mdast-util-to-string'
import { parseMarkdown } from './markdown-tree.ts'
import { neutralCode, neutralText } from './neutral.ts'

/** Headings of others stand below ours. */
const LEAST_HEADING_DEPTH = 4

/** A text's blocks without HTML, images, checkboxes, titles, definitions; mentions and closing keywords broken. */
export function safeTree(text: string): RootContent[]
export function safeTree(text: string, only: 'phrasing'): PhrasingContent[]
export function safeTree(text: string, only?: 'phrasing'): RootContent[] | PhrasingContent[] {
  const tree = parseMarkdown(text)
  const urls = new Map(
    tree.children.flatMap((node) => (node.type === 'definition' ? [[node.identifier, node.url] as const] : [])),
  )
  if (only === undefined) return tree.children.flatMap((node) => safeBlocks(node, urls))
  return mergeTexts(tree.children.flatMap((node, index) => [...(index === 0 ? [] : [space()]), ...phrasingOf(node, urls)]))
}

type Urls = ReadonlyMap<string, string>

function space(): PhrasingContent {
  return { type: 'text', value: ' ' }
}

/** The phrasing of any block, in one row. */
function phrasingOf(node: Nodes, urls: Urls): PhrasingContent[] {
  switch (node.type) {
    case 'paragraph':
    case 'heading':
    case 'tableCell':
      return safeInline(node.children, urls)
    case 'code':
      return [{ type: 'inlineCode', value: neutralCode(node.value.replaceAll(/\s+/g, ' ')) }]
    case 'definition':
      return []
    case 'html':
      return [textNode(withoutTags(node.value).replaceAll(/\s+/g, ' '))]
    default:
      return 'children' in node
        ? node.children.flatMap((child, index) => [...(index === 0 ? [] : [space()]), ...phrasingOf(child, urls)])
        : []
  }
}

function safeBlocks(node: RootContent, urls: Urls): RootContent[] {
  switch (node.type) {
    case 'paragraph':
      return [{ type: 'paragraph', children: safeInline(node.children, urls) }]
    case 'heading': {
      const depth = node.depth <= LEAST_HEADING_DEPTH ? LEAST_HEADING_DEPTH : node.depth
      return [{ type: 'heading', depth, children: safeInline(node.children, urls) }]
    }
    case 'blockquote':
      return [{ type: 'blockquote', children: safeFlow(node.children, urls) }]
    case 'list':
      return [{ ...node, children: node.children.map((item) => safeItem(item, urls)) }]
    case 'table':
      return [
        {
          ...node,
          children: node.children.map((row) => ({
            ...row,
            children: row.children.map((cell) => ({ ...cell, children: safeInline(cell.children, urls) })),
          })),
        },
      ]
    case 'code':
      return [{ type: 'code', lang: languageOf(node.lang), value: neutralCode(node.value) }]
    case 'thematicBreak':
      return [node]
    case 'html':
      return htmlBlock(node.value)
    case 'footnoteDefinition':
      return safeFlow(node.children, urls)
    default:
      return []
  }
}

function safeFlow(nodes: readonly RootContent[], urls: Urls) {
  return nodes.flatMap((node) => safeBlocks(node, urls)).filter(isFlow)
}

type Flow = Extract<RootContent, { type: 'paragraph' | 'heading' | 'blockquote' | 'list' | 'table' | 'code' | 'thematicBreak' }>

function isFlow(node: RootContent): node is Flow {
  return ['paragraph', 'heading', 'blockquote', 'list', 'table', 'code', 'thematicBreak'].includes(node.type)
}

function safeItem(item: ListItem, urls: Urls): ListItem {
  return { type: 'listItem', spread: item.spread ?? false, children: safeFlow(item.children, urls) }
}

function languageOf(language: string | null | undefined): string | null {
  return language !== null && language !== undefined && /^[\w+#.-]{1,30}$/.test(language) ? language : null
}

function htmlBlock(html: string): RootContent[] {
  const text = withoutTags(html).trim()
  return text === '' ? [] : [{ type: 'paragraph', children: [textNode(text)] }]
}

/** What would be shown of HTML. What is left is written as text, so a tag that slips through shows as text too. */
function withoutTags(html: string): string {
  return html.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '').replaceAll(/<[^<>]*>/g, '')
}

function textNode(value: string, followed = false): PhrasingContent {
  return { type: 'text', value: neutralText(value, followed) }
}

function safeInline(nodes: readonly PhrasingContent[], urls: Urls): PhrasingContent[] {
  return mergeTexts(nodes.flatMap((node) => inline(node, urls)))
}

function inline(node: PhrasingContent, urls: Urls): PhrasingContent[] {
  switch (node.type) {
    case 'text':
      return [node]
    case 'inlineCode':
      return [{ type: 'inlineCode', value: neutralCode(node.value) }]
    case 'break':
      return [node]
    case 'emphasis':
    case 'strong':
    case 'delete':
      return [{ type: node.type, children: safeInline(node.children, urls) }]
    case 'link':
      return link(node.url, safeInline(node.children, urls))
    case 'linkReference':
      return link(urls.get(node.identifier) ?? '', safeInline(node.children, urls))
    case 'image':
    case 'imageReference':
      return [{ type: 'text', value: node.alt ? `(image: ${node.alt})` : '(image)' }]
    case 'footnoteReference':
      return [{ type: 'text', value: `[${node.label ?? node.identifier}]` }]
    case 'html':
      return []
  }
}

/** Only to the web, and only when there is something to click on. */
function link(url: string, children: PhrasingContent[]): PhrasingContent[] {
  if (!/^https?:\/\//i.test(url) || children.every((child) => plainText(child).trim() === '')) return children
  return [{ type: 'link', url, children }]
}

/** Neighbouring texts as one, so that nothing is hidden in the seam between two; then made harmless. */
function mergeTexts(nodes: PhrasingContent[]): PhrasingContent[] {
  const merged: PhrasingContent[] = []
  for (const node of nodes) {
    const last = merged.at(-1)
    if (node.type === 'text' && last?.type === 'text')
      merged[merged.length - 1] = { type: 'text', value: last.value + node.value }
    else merged.push(node)
  }
  return merged.map((node, index) => (node.type === 'text' ? textNode(node.value, index < merged.length - 1) : node))
}
