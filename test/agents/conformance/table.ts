/** The table: every runtime against every column. */
import { type Column, shared } from './cell.ts'
import { END_COLUMNS } from './columns-ends.ts'
import { modelColumns } from './columns-model.ts'
import { sessionColumns } from './columns-sessions.ts'
import { doWork, workColumns } from './columns-work.ts'
import type { Subject } from './subjects.ts'

/** What a cell came to. */
export type Outcome = { status: 'passed'; remark: string } | { status: 'failed'; why: string } | { status: 'skipped' }

export interface Row {
  subject: Pick<Subject, 'name' | 'version'>
  /** In the order of the columns. */
  outcomes: readonly Outcome[]
}

/** All columns, in their order. */
export function columns(): readonly Column[] {
  const work = shared(doWork)
  return [...workColumns(work), ...sessionColumns(work), ...END_COLUMNS, ...modelColumns()]
}

/** The table as Markdown. */
export function renderTable(titles: readonly string[], rows: readonly Row[]): string {
  const head = ['runtime', ...titles]
  const body = rows.map(({ subject, outcomes }) => [nameOf(subject), ...outcomes.map(inWords)])
  const widths = head.map((_, index) => Math.max(...[head, ...body].map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n')
}

export function nameOf({ name, version }: Row['subject']): string {
  return version === null ? name : `${name} ${version}`
}

function inWords(outcome: Outcome): string {
  switch (outcome.status) {
    case 'passed':
      return outcome.remark === '' ? 'yes' : outcome.remark
    case 'failed':
      return '**no**'
    case 'skipped':
      return 'not installed'
  }
}
