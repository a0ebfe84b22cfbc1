/** SIGTERM to a runner in each phase of a job: it is gone in time, the job is handed back at no cost, another one goes on. */
import { access, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pLimit from 'p-limit'
import { afterAll, describe, expect, test } from 'vitest'
import { GIT_MARKER } from '../../runner/git/git-environment.ts'
import { JOB_MARKER, jobMark, processesMarked } from '../../runner/watch/process-tree.ts'
import type { JobId } from '../../src/contract/ids.ts'
import { missingFor } from '../faults/backends.ts'
import { type Step, success } from '../runner/workshop.ts'
import { openYard, type Yard } from './yard.ts'

const CASE_MS = 180_000
/** From SIGTERM to the end of the process, at most, in s: JOB-10. */
const STOPS_WITHIN_SECONDS = 20
const missing = missingFor('services')
const title =
  missing === null ? 'a runner that is told to stop' : `a runner that is told to stop (skipped: ${missing} is not set)`
/** Cases at the same time: each mostly waits. */
const limit = pLimit(4)
const rows: string[] = []
afterAll(() => console.log(`SIGTERM to a runner, until it had ended:\n${rows.join('\n')}`))

/** What a phase is held up by, and what lets it go on. */
interface Phase {
  /** Resolves when the runner is in it. */
  reached(yard: Yard, job: JobId): Promise<void>
  prepare?(yard: Yard): void
  letGo?(yard: Yard): void
  /** Subjects of the branch when the runner has ended, the newest first; null where there is no branch. */
  kept: string | null
}

const file = ({ shop }: Yard, name: string) => path.join(shop.dir, name)
const isThere = (name: string) =>
  access(name).then(
    () => true,
    () => false,
  )

/** Commits, leaves something uncommitted, and where told waits: only in the first start. */
const work = (yard: Yard, waits: boolean): Step[] => [
  { do: 'sh', script: 'test -e begun.txt || { echo 1 > begun.txt; git add -A; git commit -qm Begun; echo 1 > half.txt; }' },
  ...(waits
    ? [{ do: 'sh' as const, script: `test -e ${file(yard, 'working')} || { touch ${file(yard, 'working')}; sleep 600; }` }]
    : []),
  { do: 'sh', script: 'test -e done.txt || { echo 1 > done.txt; git add -A; git commit -qm Done; }' },
  success(),
]

const PHASES: Record<'workspace' | 'agent' | 'push' | 'report', Phase> = {
  workspace: {
    prepare: ({ git }) => git.cut('stall'),
    reached: (yard) => yard.until('the fetch', () => yard.git.held() > 0),
    letGo: ({ git }) => git.mend(),
    kept: null,
  },
  agent: {
    reached: (yard) => yard.until('the agent at work', () => isThere(file(yard, 'working'))),
    kept: 'Begun',
  },
  push: {
    prepare(yard) {
      yard.before.mint = ({ operation }) => {
        if (operation === 'push') yard.git.cut('stall')
        yard.before.mint = operation === 'push' ? () => undefined : yard.before.mint
      }
    },
    reached: (yard) => yard.until('the push', () => yard.git.held() > 0),
    letGo: ({ git }) => git.mend(),
    kept: null,
  },
  report: {
    prepare(yard) {
      const gate = Promise.withResolvers<void>()
      this.letGo = () => gate.resolve()
      yard.before.ask = async (asked) => {
        if (!asked.endsWith('/result')) return
        await writeFile(file(yard, 'reporting'), '')
        await gate.promise
      }
    },
    reached: (yard) => yard.until('the report', () => isThere(file(yard, 'reporting'))),
    kept: 'Done',
  },
}

describe.skipIf(missing !== null).concurrent(title, { timeout: CASE_MS }, () => {
  test.each(Object.keys(PHASES) as (keyof typeof PHASES)[])(
    '[JOB-10] in the phase %s: gone within 20 s, what could be pushed is, another runner goes on',
    (name) =>
      limit(async () => {
        const yard = await openYard()
        const phase = PHASES[name]
        try {
          await yard.shop.repository('acme/api')
          const first = await yard.runner()
          phase.prepare?.(yard)
          const job = await yard.job(work(yard, name === 'agent'))
          await phase.reached(yard, job)
          const from = Date.now()
          first.signal('SIGTERM')
          expect(await first.exited).toBe(0)
          const took = (Date.now() - from) / 1_000
          rows.push(`${took.toFixed(1).padStart(5)} s  ${name}`)
          expect(took).toBeLessThan(STOPS_WITHIN_SECONDS)
          for (const marker of [JOB_MARKER, GIT_MARKER])
            expect(processesMarked(marker, jobMark(first.dataDir, job)), marker).toEqual([])
          const branch = `switchyard/${job.split('-')[0]}`
          const pushed = (await yard.shop.git('acme/api', 'branch', '--list', branch)) !== ''
          expect(pushed).toBe(phase.kept !== null)
          if (phase.kept !== null) expect(await yard.shop.git('acme/api', 'log', '--format=%s', branch)).toContain(phase.kept)
          if (name === 'agent') expect(await yard.shop.git('acme/api', 'show', `${branch}:half.txt`)).toBe('1')

          await yard.runner()
          phase.letGo?.(yard)
          const { start, handBacks, result } = await yard.over(job)
          expect({ start, handBacks, status: result?.status }).toEqual({ start: 2, handBacks: 1, status: 'finished' })
          for (const made of ['begun.txt', 'half.txt', 'done.txt'])
            expect(await yard.shop.git('acme/api', 'show', `${branch}:${made}`)).toBe('1')
        } finally {
          await yard.close()
        }
      }),
  )

  test('[JOB-10] a stopping runner takes no new jobs, and one without a job is gone at once', () =>
    limit(async () => {
      const yard = await openYard()
      try {
        await yard.shop.repository('acme/api')
        const idle = await yard.runner()
        idle.signal('SIGTERM')
        expect(await idle.exited).toBe(0)
        const job = await yard.job(work(yard, false))
        expect(await yard.queues.jobState(job)).toBe('waiting')
        await yard.runner()
        expect(await yard.over(job)).toMatchObject({ start: 1, result: { status: 'finished' } })
      } finally {
        await yard.close()
      }
    }))
})
