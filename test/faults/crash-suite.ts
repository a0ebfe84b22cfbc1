/** The thread, killed at each named crash point in turn on one backend: the tests of `*-crash-points.test.ts`. */
import pLimit from 'p-limit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BackendName, missingFor } from './backends.ts'
import { CASES, type CrashCase } from './cases.ts'
import { BUSY_GOES_ON_WITHIN_SECONDS, type Row, rowOf, tableOf } from './crash-table.ts'
import type { Ending } from './ending.ts'
import { type Outcome, runCrashCase, runUndisturbed } from './run-case.ts'
import type { ThreadLength } from './threads.ts'

/**
 * The most telling points on each backend. Besides them, with `CRASH_TESTS` as `all` all others too, and as `each` (in CI)
 * each of the others on one of the backends, by turns.
 */
const WHICH = process.env.CRASH_TESTS
const TURN: Readonly<Record<BackendName, number>> = { embedded: 0, services: 1 }
/** Cases at the same time: one alone often waits. */
const AT_ONCE = 2
/** Longest time of a case on a busy machine, in ms. */
const CASE_MS = 300_000

export function crashSuite(backend: BackendName, title: string): void {
  const cases = CASES.filter(
    ({ always }, index) => always || WHICH === 'all' || (WHICH === 'each' && index % 2 === TURN[backend]),
  )
  const missing = missingFor(backend)
  const skipped = missing === null ? '' : ` (skipped: ${missing} is not set)`
  describe.skipIf(missing !== null)(`kill -9 on ${title}${skipped}`, { timeout: CASE_MS }, () => {
    const limit = pLimit(AT_ONCE)
    const outcomes = new Map<CrashCase, Promise<Outcome>>()
    const undisturbed = new Map<ThreadLength, Promise<Ending>>()
    const rows: Row[] = []

    beforeAll(() => {
      for (const thread of new Set(cases.map((each) => each.thread))) {
        undisturbed.set(thread, handled(limit(async () => (await runUndisturbed({ backend, thread })).ending)))
      }
      for (const crash of cases) outcomes.set(crash, handled(limit(() => runCrashCase(backend, crash))))
    })
    afterAll(() => {
      console.log(`Killed on ${title}:\n${tableOf(rows)}`)
    })

    test.each([...new Set(cases.map((each) => each.thread))])('undisturbed, the %s thread ends merged', async (thread) => {
      expect(await undisturbed.get(thread)).toMatchObject({
        issue: { state: 'closed', labels: ['switchyard/done'], comments: ['switchyard[bot]: switchyard:status'] },
        merges: ['acme/api', 'acme/storefront'],
        repositories: {
          'acme/api': { pulls: [{ merged: true, comments: [] }], branches: ['main'], doubledChecks: [] },
          'acme/storefront': { pulls: [{ merged: true, comments: [] }], branches: ['main'], doubledChecks: [] },
          'acme/docs': { pulls: [], history: ['Initial commit'], branches: ['main'], checks: [] },
        },
        violations: 0,
      })
    })

    test.each(cases)('[ING-3] killed at $point #$nth ($moment): the same end, nothing doubled', async (crash) => {
      const ending = await undisturbed.get(crash.thread)
      const outcome = await outcomes.get(crash)
      if (ending === undefined || outcome === undefined) throw new Error('the case was not run')
      rows.push(rowOf(backend, crash, outcome, ending))
      expect(outcome).toMatchObject({ signal: 'SIGKILL', point: crash.point })
      expect(outcome.ending).toEqual(ending)
      expect(outcome.seconds).toBeLessThan(BUSY_GOES_ON_WITHIN_SECONDS)
      expect(outcome.stopped.map(({ code }) => code)).toEqual(outcome.stopped.map(() => 0))
    })
  })
}

/** A failure is told by the test that awaits it, not as one that nobody handled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
