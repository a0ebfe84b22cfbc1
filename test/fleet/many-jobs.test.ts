/** Many jobs on several runners at once: the concurrency is obeyed and reached, and no job sees anything of another. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { JobId } from '../../src/contract/ids.ts'
import { missingFor } from '../faults/backends.ts'
import { type Step, success } from '../runner/workshop.ts'
import { openYard } from './yard.ts'

const CASE_MS = 180_000
const CONCURRENCY = 3
const REPOSITORIES = ['acme/api', 'acme/shop', 'acme/docs'] as const
const JOBS_EACH = 3
const missing = missingFor('services')
const title = missing === null ? 'two runners' : `two runners (skipped: ${missing} is not set)`

/** Notes what it sees, leaves something in its home and its checkout, and waits until the test lets all go. */
function work(dir: string, n: number): Step[] {
  const look = `ls -A "$HOME" | grep -c left-by || true; ls | grep -c by-job || true`
  const note = `printf '%s %s %s %s\n' ${n} "$SWITCHYARD_RUNNER" "$HOME" "$(echo $(${look}))" >> ${dir}/begun`
  return [
    {
      do: 'sh',
      script: `${note}; touch "$HOME/left-by-${n}"; while test -d ${dir} && test ! -e ${dir}/go; do sleep 0.1; done`,
    },
    { do: 'sh', script: `echo ${n} > by-job-${n}.txt; git add -A; git commit -qm 'By job ${n}'` },
    success(),
  ]
}

test.skipIf(missing !== null)(
  `[RUN-3] ${title}, nine jobs of one role, three in each repository: six at once, the rest waits, nothing is shared`,
  { timeout: CASE_MS },
  async () => {
    const yard = await openYard()
    try {
      const { dir } = yard.shop
      for (const repository of REPOSITORIES) await yard.shop.repository(repository)
      const jobs: { id: JobId; repository: string; n: number }[] = []
      for (let n = 0; n < REPOSITORIES.length * JOBS_EACH; n += 1) {
        const repository = REPOSITORIES[Math.floor(n / JOBS_EACH)] ?? 'acme/api'
        jobs.push({ id: await yard.job(work(dir, n), { repository }), repository, n })
      }
      const env = { RUNNER_CONCURRENCY: String(CONCURRENCY) }
      await Promise.all([yard.runner(env), yard.runner(env)])
      const begun = async () => (await readFile(path.join(dir, 'begun'), 'utf8').catch(() => '')).trim().split('\n')
      await yard.until('six agents at once', async () => (await begun()).length === 2 * CONCURRENCY)
      expect(await yard.queues.depth('jobs')).toEqual({
        waiting: jobs.length - 2 * CONCURRENCY,
        active: 2 * CONCURRENCY,
        delayed: 0,
      })
      const perRunner = Object.groupBy(yard.starts, ({ runner }) => runner)
      expect(Object.values(perRunner).map((starts) => starts?.length)).toEqual([CONCURRENCY, CONCURRENCY])

      const first = Object.groupBy(yard.starts, ({ job }) => jobs.find(({ id }) => id === job)?.repository ?? '')
      expect(
        Object.values(first).map((starts) => starts?.length),
        'two of each repository',
      ).toEqual([2, 2, 2])

      await writeFile(path.join(dir, 'go'), '')
      for (const { id, repository, n } of jobs) {
        expect(await yard.over(id)).toMatchObject({ start: 1, result: { status: 'finished', legs: [{ ahead: 1 }] } })
        const branch = `switchyard/${id.split('-')[0]}`
        expect(await yard.shop.git(repository, 'log', '--format=%s', branch)).toBe(`By job ${n}\nThe first commit`)
      }
      const seen = (await begun()).map((line) => line.split(' '))
      expect(new Set(seen.map(([, , home]) => home)).size, 'a home for each').toBe(jobs.length)
      expect(seen.map(([, , , homes, files]) => `${homes} ${files}`)).toEqual(jobs.map(() => '0 0'))
      const rows = jobs.map(
        ({ id, repository }) => `${id}  ${repository.padEnd(10)} ${yard.starts.find(({ job }) => job === id)?.runner}`,
      )
      console.log(`Nine jobs on two runners, three at once on each:\n${rows.join('\n')}`)
    } finally {
      await yard.close()
    }
  },
)
