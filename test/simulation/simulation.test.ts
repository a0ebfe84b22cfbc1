import { describe, expect, test } from 'vitest'
import { simulate } from './simulate.ts'
import { count, createTally } from './tally.ts'

/** The ordinary test run's share; `npm run simulate` does as many as wanted. */
const RUNS = 2_000
const SEED = 20_260_105

describe('simulation', () => {
  test(`${RUNS} simulated tasks: every invariant holds after every event, and every run comes to an end`, {
    timeout: 120_000,
  }, () => {
    const tally = createTally()
    for (let index = 0; index < RUNS; index += 1) count(tally, simulate(SEED + index))

    const failures = [...tally.ends.keys()].filter((end) => end.startsWith('failed: '))
    expect([...tally.ends.keys()]).toEqual(
      expect.arrayContaining(['done: merged', 'done: ready', 'done: nothing-to-do', 'stopped']),
    )
    expect(tally.ends.has('active')).toBe(false)
    expect(failures.length).toBeGreaterThanOrEqual(8)
    expect([...tally.seen.keys()]).toEqual(
      expect.arrayContaining([
        'companion: rework',
        'companion: cap reached',
        'ci: fixer sent',
        'ci: stuck, a person is asked',
        'plan: sent back',
        'merge: a new head goes back',
        'merge: a new head goes back between two merges',
        'merge: ended with a part merged',
        'merge: on again after a part was merged',
        'merge refused: the head moved',
        'stop: while a merge was under way',
        'stop: merged all the same',
        'merged by a person',
        'late or doubled result',
        'webhook lost',
        'crash before an effect',
        'crash after an effect',
        'effect failed',
        'effect done, and counted as failed',
        'timer fired twice or early',
        'some pull requests opened, some not',
        'job lost',
        'started again',
      ]),
    )
  })

  test('the same seed gives the same run', () => {
    expect(simulate(SEED)).toEqual(simulate(SEED))
  })
})
