import pLimit, { type LimitFunction } from 'p-limit'
import type { Column } from './cell.ts'
import type { Stand } from './stand.ts'
import type { Outcome } from './table.ts'

/** Jobs at the same time: an agent's start keeps a processor busy, the rest of it waits. */
const AT_ONCE = 3

export const roomForJobs = (): LimitFunction => pLimit(AT_ONCE)

/** Tries one cell; what it throws becomes its outcome. */
export async function runCell(stand: Stand, column: Column): Promise<Outcome> {
  if (!stand.subject.installed) return { status: 'skipped' }
  try {
    return { status: 'passed', remark: await column.check(stand) }
  } catch (error) {
    return { status: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
