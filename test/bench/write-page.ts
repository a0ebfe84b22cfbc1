/** Puts the figures into `docs/bench.md`, between its two marks; the words around them are people's. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Bench } from './bench.ts'
import type { Machine } from './machine.ts'
import type { Row } from './row.ts'
import { cellsOf, describe } from './table.ts'

const PAGE = new URL('../../docs/bench.md', import.meta.url)
const [BEGIN, END] = ['<!-- figures -->', '<!-- end of figures -->'] as const

/** Throws where the page has lost its marks. */
export async function writePage(machine: Machine, measured: readonly { bench: Bench; rows: readonly Row[] }[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`docs/bench.md needs the lines ${BEGIN} and ${END}, in this order`)
  const sections = measured.map(({ bench, rows }) => `### ${bench.title}\n\nAgainst ${bench.against}.\n\n${markdownOf(rows)}\n`)
  const figures = [describe(machine).replaceAll('\n', '  \n'), ...sections].join('\n\n')
  await writeFile(PAGE, `${page.slice(0, from)}${BEGIN}\n\n${figures}\n${page.slice(to)}`)
}

function markdownOf(rows: readonly Row[]): string {
  const head = ['what', 'ours', 'beside it', 'ratio', 'target', '']
  const lines = [head, head.map(() => '---'), ...rows.map(cellsOf)]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}
