/** GitHub flavoured Markdown as the HTML that GitHub makes of it, as far as our comments use it. */
import type { AlignType, Nodes, Table } from 'mdast'
import { parseMarkdown } from '../../src/render/markdown-tree.ts'

/** HTML of a comment. Raw HTML is taken as it is, which is safe for our own comments only. */
export function htmlOf(markdown: string): string {
  return inside(parseMarkdown(markdown).children)
}

function inside(nodes: readonly Nodes[]): string {
  return nodes.map(htmlOfNode).join('')
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** People are linked where they are mentioned. */
function textOf(value: string): string {
  return escapeHtml(value).replaceAll(/(^|[\s(])@([a-z0-9-]+)/gi, '$1<a class="mention" href="#">@$2</a>')
}

const TAGS: Readonly<Record<string, string>> = {
  paragraph: 'p',
  emphasis: 'em',
  strong: 'strong',
  delete: 'del',
  blockquote: 'blockquote',
}

function htmlOfNode(node: Nodes): string {
  switch (node.type) {
    case 'text':
      return textOf(node.value)
    case 'html':
      return node.value
    case 'inlineCode':
      return `<code>${escapeHtml(node.value)}</code>`
    case 'code':
      return `<pre><code>${escapeHtml(node.value)}</code></pre>`
    case 'break':
      return '<br>'
    case 'thematicBreak':
      return '<hr>'
    case 'heading':
      return `<h${node.depth}>${inside(node.children)}</h${node.depth}>`
    case 'link':
      return `<a href="${escapeHtml(node.url)}">${inside(node.children)}</a>`
    case 'list': {
      const tag = node.ordered === true ? 'ol' : 'ul'
      return `<${tag}>${inside(node.children)}</${tag}>`
    }
    case 'listItem': {
      const [first, ...rest] = node.children
      const text = first?.type === 'paragraph' ? inside(first.children) : inside(first === undefined ? [] : [first])
      const box = typeof node.checked === 'boolean' ? `<input type="checkbox"${node.checked ? ' checked' : ''}> ` : ''
      return `<li${box === '' ? '' : ' class="task"'}>${box}${text}${inside(rest)}</li>`
    }
    case 'table':
      return tableOf(node)
    default: {
      const tag = TAGS[node.type]
      const content = 'children' in node ? inside(node.children) : ''
      return tag === undefined ? content : `<${tag}>${content}</${tag}>`
    }
  }
}

function tableOf({ children, align }: Table): string {
  const rows = children.map(({ children: cells }, at) => {
    const tag = at === 0 ? 'th' : 'td'
    return `<tr>${cells.map((cell, place) => `<${tag}${alignment(align?.[place])}>${inside(cell.children)}</${tag}>`).join('')}</tr>`
  })
  return `<table><thead>${rows[0] ?? ''}</thead><tbody>${rows.slice(1).join('')}</tbody></table>`
}

function alignment(align: AlignType | undefined): string {
  return align === null || align === undefined ? '' : ` style="text-align:${align}"`
}
