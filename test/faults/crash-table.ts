/** The table of crash points: which process was killed where, after how many seconds work went on, and how it ended. */
import { isDeepStrictEqual } from 'node:util'
import type { BackendName } from './backends.ts'
import type { CrashCase } from './cases.ts'
import type { Ending } from './ending.ts'
import type { Outcome } from './run-case.ts'

/** From the kill of a process to its work going on, at most, in s. */
export const GOES_ON_WITHIN_SECONDS = 20
/** The same where other tests have the processor too: the page is written on a quiet machine, and judged by the above. */
export const BUSY_GOES_ON_WITHIN_SECONDS = 60

export interface Row {
  backend: BackendName
  point: string
  moment: string
  killed: string
  /** Null when the case did not come so far. */
  seconds: number | null
  result: string
}

export function rowOf(backend: BackendName, crash: CrashCase, outcome: Outcome, undisturbed: Ending): Row {
  return { ...about(backend, crash), seconds: outcome.seconds, result: resultOf(crash, outcome, undisturbed) }
}

export function failedRow(backend: BackendName, crash: CrashCase, error: unknown): Row {
  const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
  return { ...about(backend, crash), seconds: null, result: `failed: ${why}` }
}

/** What the table calls a case. */
export function nameOf({ point, nth }: Pick<CrashCase, 'point' | 'nth'>): string {
  return nth === 1 ? point : `${point} #${nth}`
}

function about(backend: BackendName, crash: CrashCase) {
  const killed = backend === 'embedded' ? 'app and runner' : crash.of
  return { backend, point: nameOf(crash), moment: crash.moment, killed }
}

function resultOf({ point }: CrashCase, outcome: Outcome, undisturbed: Ending): string {
  if (outcome.signal !== 'SIGKILL' || outcome.point !== point) return 'failed: not killed there'
  if (!isDeepStrictEqual(outcome.ending, undisturbed)) return 'failed: another end'
  if (outcome.stopped.some(({ code }) => code !== 0)) return 'failed: did not stop when asked'
  return outcome.seconds < GOES_ON_WITHIN_SECONDS ? 'same end' : 'failed: too late'
}

const COLUMNS = ['point', 'what has just happened', 'killed process', 'seconds until work went on', 'result'] as const

/** As a Markdown table, which reads well on a terminal too. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ point, moment, killed, seconds, result }) => [
    `\`${point}\``,
    moment,
    killed,
    seconds?.toFixed(1) ?? '',
    result,
  ])
  const widths = COLUMNS.map((column, index) => Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)))
  const line = (row: readonly string[]) => `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`
  return [line(COLUMNS), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join('\n')
}
