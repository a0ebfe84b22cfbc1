/**
 * Measures the table of crash points and writes `docs/crash-points.md`.
 * `node test/faults/table.ts`, with `DATABASE_URL` and `REDIS_URL` for its second half; `--only POINT` and
 * `--backend NAME` measure these again and keep what was measured of the rest.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { type BackendName, missingFor } from './backends.ts'
import { CASES, type CrashCase } from './cases.ts'
import { failedRow, nameOf, type Row, rowOf, tableOf } from './crash-table.ts'
import type { Ending } from './ending.ts'
import { keepRows } from './kept-rows.ts'
import { crashPage } from './page.ts'
import { runCrashCase, runUndisturbed } from './run-case.ts'
import type { ThreadLength } from './threads.ts'

const BACKENDS = ['embedded', 'services'] as const
const PAGE = new URL('../../docs/crash-points.md', import.meta.url)

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    backend: { type: 'string', multiple: true },
    'at-once': { type: 'string', default: '2' },
  },
})
const backends = BACKENDS.filter((name) => values.backend?.includes(name) ?? true)
const cases = CASES.filter(({ point }) => values.only?.includes(point) ?? true)
const limit = pLimit(Number(values['at-once']))

async function measure(backend: BackendName): Promise<Row[]> {
  const lengths: ThreadLength[] = [...new Set(cases.map(({ thread }) => thread))]
  const endings = new Map<ThreadLength, Ending>()
  await Promise.all(
    lengths.map((thread) =>
      limit(async () => {
        const { ending, ms } = await runUndisturbed({ backend, thread })
        console.error(`${backend}, the ${thread} thread undisturbed: ${(ms / 1_000).toFixed(1)} s`)
        endings.set(thread, ending)
      }),
    ),
  )
  return Promise.all(cases.map((crash) => limit(() => rowFor(backend, crash, endings.get(crash.thread)))))
}

async function rowFor(backend: BackendName, crash: CrashCase, undisturbed: Ending | undefined): Promise<Row> {
  try {
    if (undisturbed === undefined) throw new Error('no undisturbed run')
    const outcome = await runCrashCase(backend, crash)
    const row = rowOf(backend, crash, outcome, undisturbed)
    console.error(`${backend} ${row.point}: ${row.seconds?.toFixed(1)} s, ${row.result}`)
    if (!isDeepStrictEqual(outcome.ending, undisturbed)) console.error(JSON.stringify({ outcome, undisturbed }, null, 1))
    return row
  } catch (error) {
    console.error(`${backend} ${crash.point} #${crash.nth}: ${String(error)}`)
    return failedRow(backend, crash, error)
  }
}

const tables: { backend: BackendName; rows: Row[] }[] = []
for (const backend of backends) {
  const missing = missingFor(backend)
  if (missing === null) tables.push({ backend, rows: await measure(backend) })
  else console.error(`${backend}: left out, ${missing} is not set`)
}
for (const { backend, rows } of tables) console.log(`${backend}\n${tableOf(rows)}\n`)
const measured = tables.flatMap(({ rows }) => rows)
if (measured.some(failed)) process.exitCode = 1

const kept = await keepRows(measured)
const whole = BACKENDS.map((backend) => ({ backend, rows: CASES.flatMap((crash) => kept(backend, nameOf(crash)) ?? []) }))
if (whole.every(({ rows }) => rows.length === CASES.length && !rows.some(failed))) {
  await writeFile(PAGE, crashPage(whole, { date: new Date().toISOString().slice(0, 10), cores: cpus().length }))
} else console.error('The page is written when every point was measured on both and none failed.')

function failed({ result }: Row): boolean {
  return result.startsWith('failed')
}
