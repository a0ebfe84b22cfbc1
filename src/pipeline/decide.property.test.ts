import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Asked, type Dice, eventOf, remember, someDice, somePipeline } from '../../test/support/core/arbitrary.ts'
import { createAuditor } from '../../test/support/core/audit.ts'
import { aRun, START } from '../../test/support/core/build.ts'
import { decide } from './decide.ts'
import type { Run, StepConfig } from './model.ts'
import { MergePolicy } from './run-settings.ts'
import { isLive } from './state.ts'
import type { Decision } from './turn.ts'

/** Long enough for several rounds of everything. */
const EVENTS = { minLength: 10, maxLength: 120 }
const RUNS = { numRuns: 120 }
/** A busy machine takes several times as long, in ms. */
const TIMEOUT_MS = 120_000

interface Seen {
  before: Run
  decision: Decision
}

/** Plays the dice; every decision passes the auditor, which knows the invariants 2 to 8. */
function play(steps: StepConfig[], by: 'auto' | 'person', dice: readonly Dice[]): Seen[] {
  const merge = { by, method: 'merge', policy: MergePolicy.parse({}) } as const
  let run = aRun({ steps, settings: { merge, retry: { cap: 1, infrastructure: 1, gapMs: 120_000 } } })
  const auditor = createAuditor(run, { thorough: true })
  const asked: Asked = { jobs: [], effects: [], timers: [] }
  return [[0, 0, 0] as const, ...dice].map((roll, index) => {
    const event = eventOf(run, asked, roll)
    const now = START + (index + 1) * 60_000
    const decision = decide(run, event, now)
    auditor.check(run, event, decision, now)
    remember(asked, decision)
    const before = run
    run = decision.run
    return { before, decision }
  })
}

const games = fc.record({
  steps: somePipeline,
  by: fc.constantFrom('auto' as const, 'person' as const),
  dice: fc.array(someDice, EVENTS),
})

describe('whatever happens', { timeout: TIMEOUT_MS }, () => {
  test('the invariants 2, 3, 4, 5, 6, 7 and 8 hold after every event, and decide is pure', () => {
    fc.assert(
      fc.property(games, ({ steps, by, dice }) => {
        play(steps, by, dice)
      }),
      RUNS,
    )
  })

  test('a run that is over asks for nothing but to be shown and answered, and at a person’s word taken back or a follow-up filed', () => {
    fc.assert(
      fc.property(games, ({ steps, by, dice }) => {
        for (const { before, decision } of play(steps, by, dice)) {
          if (isLive(before) || before.status.state === 'failed') continue
          for (const { kind } of decision.effects) expect(['show', 'answer', 'open-reverts', 'file-follow-up']).toContain(kind)
        }
      }),
      RUNS,
    )
  })

  test('a run can always be stopped, and nothing brings it back', () => {
    fc.assert(
      fc.property(games, someDice, ({ steps, by, dice }, [, , n]) => {
        const stop = [[29, 11, 0]] as Dice[]
        const before = dice.slice(0, n)
        const seen = play(steps, by, [...before, ...stop, ...dice.slice(n)])
        const then = seen.slice(before.length + 1)
        for (const { decision } of then) expect(['stopped', 'done']).toContain(decision.run.status.state)
      }),
      RUNS,
    )
  })

  test('the random games reach merges, reworks, fixes and stuck gates', () => {
    const ends = new Set<string>()
    const kinds = new Set<string>()
    fc.assert(
      fc.property(games, ({ steps, by, dice }) => {
        for (const { decision } of play(steps, by, dice)) {
          const { status } = decision.run
          ends.add(status.state === 'done' ? `done ${status.outcome}` : status.state)
          for (const { kind } of decision.effects) kinds.add(kind)
          for (const step of decision.run.steps) {
            if (step.status.state === 'active' && step.status.wait.for === 'person') ends.add(step.status.wait.what)
          }
        }
      }),
      { ...RUNS, seed: 7 },
    )
    expect([...ends]).toEqual(
      expect.arrayContaining([
        'done merged',
        'done ready',
        'done nothing-to-do',
        'failed',
        'stopped',
        'approve',
        'cap',
        'evidence',
        'merge',
      ]),
    )
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'ask-checks',
        'rerun-checks',
        'ask-reviews',
        'answer-threads',
        'ask-pulls',
        'merge-pull',
        'cancel-job',
      ]),
    )
  })
})
