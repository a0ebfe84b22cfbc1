/** Markdown as readable text for a terminal: tables aligned, folded parts as one line, controls as boxes. */
import type { List, ListItem, Nodes, PhrasingContent, RootContent, Table } from 'mdast'
import { toString as plainText } from 'mdast-util-to-string'
import pc from 'picocolors'
import { parseMarkdown } from './markdown-tree.ts'

type Colours = ReturnType<typeof pc.createColors>

export interface TerminalOptions {
  /** False where `NO_COLOR` is set or the output is no terminal. */
  color: boolean
  /** Whether folded parts are shown in full. */
  unfold?: boolean
}

/** The text, without a line end after its last line. */
export function renderTerminal(markdown: string, { color, unfold = false }: TerminalOptions): string {
  const colours = pc.createColors(color)
  const lines: string[] = []
  let folded = false
  for (const node of parseMarkdown(markdown).children) {
    if (node.type === 'html') {
      const summary = /<summary>([\s\S]*?)<\/summary>/.exec(node.value)?.[1]
      if (summary !== undefined) lines.push(`${unfold ? '▾' : '▸'} ${unescapeHtml(summary)}`, ...(unfold ? [''] : []))
      folded = summary !== undefined || (folded && !node.value.includes('</details>'))
      continue
    }
    if (folded && !unfold) continue
    const block = blockLines(node, colours).map((line) => (folded ? `  ${line}` : line))
    if (lines.length > 0 && lines.at(-1) !== '') lines.push('')
    lines.push(...block, ...(folded ? [''] : []))
  }
  return lines.join('\n').trimEnd()
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function blockLines(node: RootContent, colours: Colours): string[] {
  switch (node.type) {
    case 'heading':
      return [colours.bold(inline(node.children, colours))]
    case 'paragraph':
      return paragraph(node.children, colours).split('\n')
    case 'list':
      return listLines(node, colours)
    case 'table':
      return tableLines(node, colours)
    case 'code':
      return node.value.split('\n').map((line) => colours.dim(`    ${line}`))
    case 'blockquote':
      return node.children.flatMap((child) => blockLines(child, colours)).map((line) => `${colours.dim('│')} ${line}`)
    case 'thematicBreak':
      return [colours.dim('────')]
    default:
      return []
  }
}

function paragraph(children: PhrasingContent[], colours: Colours): string {
  const small = children.some((child) => child.type === 'html' && child.value === '<sub>')
  return small ? colours.dim(inline(children, pc.createColors(false))) : inline(children, colours)
}

function inline(children: readonly Nodes[], colours: Colours): string {
  return children
    .map((child) => {
      switch (child.type) {
        case 'text':
          return child.value.replaceAll('\u200b', '')
        case 'inlineCode':
          return colours.cyan(child.value)
        case 'strong':
          return colours.bold(inline(child.children, colours))
        case 'break':
          return '\n'
        case 'html':
          return ''
        default:
          return 'children' in child ? inline(child.children, colours) : plainText(child)
      }
    })
    .join('')
    .trimEnd()
}

function listLines(list: List, colours: Colours): string[] {
  const start = list.start ?? 1
  return list.children.flatMap((item, index) => itemLines(item, list.ordered === true ? `${start + index}.` : '-', colours))
}

function itemLines(item: ListItem, bullet: string, colours: Colours): string[] {
  const box = typeof item.checked === 'boolean' ? (item.checked ? '[x]' : '[ ]') : bullet
  const lines = item.children.flatMap((child) => blockLines(child, colours))
  const indent = ' '.repeat(box.length + 1)
  return lines.map((line, index) => `  ${index === 0 ? `${box} ` : indent}${line}`)
}

function tableLines(table: Table, colours: Colours): string[] {
  const rows = table.children.map((row) => row.children.map((cell) => inline(cell.children, pc.createColors(false))))
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line, index) => (index === 0 ? colours.dim(`  ${line}`) : `  ${line}`))
    .filter((line) => line.trim() !== '')
}
