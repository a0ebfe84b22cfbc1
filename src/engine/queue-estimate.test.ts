import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRun, aTask } from '../../test/support/core/build.ts'
import { drive, toApproval, toCode } from '../../test/support/core/drive.ts'
import { RunId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { shownState } from '../pipeline/state.ts'
import { medianJobMs } from '../store/job-durations.ts'
import { openStore } from '../store/open-store.ts'
import { insertRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { jobs } from '../store/tables/jobs.ts'
import { queuePlace, waitFor, workLeft } from './queue-estimate.ts'

const MINUTE_MS = 60_000

describe('[CMD-6] when the next place is free', () => {
  test.each([
    ['the soonest of those at work ends', [5, 3], [], 3],
    ['who is ahead takes that place, and the next one ends', [5, 3], [4], 5],
    ['or the one who took it does', [9, 3], [4], 7],
    ['a wait for a person frees no place', [null, 4], [2], 6],
    ['who is ahead and cannot be foreseen keeps the place', [4, 6], [null], 6],
    ['nobody knows where all of them wait for people', [null, null], [], null],
    ['nor where all places went to such', [4], [null], null],
  ])('%s', (_what, active, ahead, expected) => {
    expect(waitFor(active, ahead)).toBe(expected)
  })
})

describe('[CMD-6] the estimate of a queued run', () => {
  let store: Store
  const queued = (id: string, number: number): Run => ({
    ...aRun(),
    id: RunId.parse(id),
    task: aTask({ number }),
    createdAt: aRun().createdAt + number,
  })
  beforeAll(async () => {
    store = await openStore({ log: pino({ level: 'silent' }) })
    const job = (role: string, n: number, minutes: number) => ({
      id: `past-${role}-${n}`,
      runId: 'past',
      step: role,
      epoch: 1,
      state: 'over' as const,
      spec: { role },
      createdAt: 0,
      startedAt: 1_000,
      endedAt: 1_000 + minutes * MINUTE_MS,
    })
    await store.db
      .insert(jobs)
      .values([
        job('coder', 1, 4),
        job('coder', 2, 6),
        job('coder', 3, 50),
        job('reviewer', 1, 2),
        job('planner', 1, 1),
        { ...job('planner', 2, 1), startedAt: null },
      ])
  })
  afterAll(() => store.close())

  test('goes by the medians of what the jobs of each role took', async () => {
    const medians = await medianJobMs(store.db)
    expect(Object.fromEntries(medians)).toEqual({ coder: 6 * MINUTE_MS, reviewer: 2 * MINUTE_MS, planner: MINUTE_MS })
    // The default pipeline of the tests: what is done counts no more, what only looks after others never.
    expect(workLeft(drive().run, medians)).toBe(9 * MINUTE_MS)
    expect(workLeft(toCode(drive()).run, medians)).toBe(8 * MINUTE_MS)
    expect(workLeft(toApproval(drive()).run, medians)).toBeNull()
    expect(workLeft(drive().run, new Map([['reviewer', MINUTE_MS]]))).toBeNull()
  })

  test('is the work that is left before its place is free', async () => {
    const working = { ...toCode(drive()).run, id: RunId.parse('working') }
    const [first, second] = [queued('first', 101), queued('second', 102)]
    for (const run of [working, first, second]) await insertRun(store.db, run, shownState(run), { priority: false })
    expect(await queuePlace(store.db, working)).toBeNull()
    expect(await queuePlace(store.db, first)).toEqual({ place: 1, estimateMs: 8 * MINUTE_MS })
    expect(await queuePlace(store.db, second)).toEqual({ place: 2, estimateMs: 17 * MINUTE_MS })
  })
})
