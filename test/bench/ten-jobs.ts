/** Memory of a runner that works on ten jobs at once, their agents beside it. */
import { access, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { openYard } from '../fleet/yard.ts'
import { success } from '../runner/workshop.ts'
import type { BenchContext } from './bench.ts'
import { memoryOfProcess } from './processes.ts'
import type { Row } from './row.ts'

const JOBS = 10
/** MiB for the runner itself: what it takes idle, and a little for each job. */
const TARGET = { kind: 'at-most', value: 200 } as const

/** Needs `DATABASE_URL` and `REDIS_URL`. The agents' own memory is not the runner's. */
export async function tenJobs({ tell }: BenchContext, floor: number): Promise<Row[]> {
  const what = `runner (Postgres, Redis), ${JOBS} jobs at once`
  tell(what)
  const yard = await openYard()
  try {
    const { dir } = yard.shop
    await yard.shop.repository('acme/api')
    const runner = await yard.runner({ RUNNER_CONCURRENCY: String(JOBS) })
    const begun = (n: number) => path.join(dir, `begun-${n}`)
    const jobs = []
    for (let n = 0; n < JOBS; n += 1) {
      const script = `touch ${begun(n)}; while test ! -e ${dir}/go; do sleep 0.1; done`
      jobs.push(await yard.job([{ do: 'sh', script }, success()]))
    }
    for (let n = 0; n < JOBS; n += 1) await yard.until(`job ${n} at work`, () => isThere(begun(n)))
    const { settled, peak } = await memoryOfProcess(runner.pid)
    await writeFile(path.join(dir, 'go'), '')
    for (const job of jobs) await yard.over(job)
    return [{ kind: 'figure', what, unit: 'MiB', ours: settled, floor, target: TARGET, note: `${peak.toFixed(0)} at its peak` }]
  } finally {
    await yard.close()
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
