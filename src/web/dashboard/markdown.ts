/**
 * Markdown that `src/render` wrote, as markup for a page. A closed list of elements: raw HTML is shown as the text it is,
 * images as their description, and links lead only to the web.
 */
import type { Nodes, Table } from 'mdast'
import { parseMarkdown } from '../../render/markdown-tree.ts'
import { type Html, html, outside } from './html.ts'

/** Blocks of Markdown. */
export function markdown(text: string): Html {
  return html`${parseMarkdown(text).children.map(element)}`
}

/** One line of Markdown, without a paragraph around it. */
export function markdownLine(text: string): Html {
  const [first, ...rest] = parseMarkdown(text).children
  if (first?.type === 'paragraph' && rest.length === 0) return inner(first)
  return html`${text}`
}

function inner(node: Nodes): Html {
  return html`${'children' in node ? node.children.map(element) : []}`
}

function element(node: Nodes): Html {
  switch (node.type) {
    case 'text':
      return html`${node.value.replaceAll('\u200b', '')}`
    case 'paragraph':
      return html`<p>${inner(node)}</p>`
    case 'heading':
      return html`<p><strong>${inner(node)}</strong></p>`
    case 'strong':
      return html`<strong>${inner(node)}</strong>`
    case 'emphasis':
      return html`<em>${inner(node)}</em>`
    case 'delete':
      return html`<del>${inner(node)}</del>`
    case 'inlineCode':
      return html`<code>${node.value}</code>`
    case 'code':
      return html`<pre tabindex="0"><code>${node.value}</code></pre>`
    case 'break':
      return html`<br>`
    case 'link':
      return outside(node.url, inner(node))
    case 'list':
      return node.ordered === true ? html`<ol start="${node.start ?? 1}">${inner(node)}</ol>` : html`<ul>${inner(node)}</ul>`
    case 'listItem':
      return html`<li>${inner(node)}</li>`
    case 'blockquote':
      return html`<blockquote>${inner(node)}</blockquote>`
    case 'thematicBreak':
      return html`<hr>`
    case 'table':
      return table(node)
    case 'image':
      return html`${node.alt ?? ''}`
    case 'html':
      return html`${node.value}`
    default:
      return inner(node)
  }
}

function table({ children: [head, ...rows] }: Table): Html {
  return html`<div class="scroll" tabindex="0"><table>
    <thead><tr>${(head?.children ?? []).map((cell) => html`<th scope="col">${inner(cell)}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.children.map((cell) => html`<td>${inner(cell)}</td>`)}</tr>`)}</tbody>
  </table></div>`
}
