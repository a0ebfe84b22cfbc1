import type { Failure } from '../contract/failure.ts'
import type { Effect } from './effects.ts'
import type { RunEventOf } from './events.ts'
import type { Run } from './model.ts'
import { changedLegs } from './state.ts'
import type { Next, RawContext } from './step-kind.ts'

/** Opens what is missing and waits for the answer; null where every changed leg has its pull request (CS-1, CS-3). */
export function openMissingPulls(context: Pick<RawContext, 'run' | 'effectId'>): { effects: Effect[]; next: Next } | null {
  const missing = changedLegs(context.run).filter((leg) => leg.pull === null)
  if (missing.length === 0) return null
  const id = context.effectId('open')
  return {
    effects: [{ kind: 'open-pulls', id, legs: missing.map((leg) => leg.key) }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

/** Why pull requests are still missing after an answer; null where none is. What was opened is recorded already. */
export function openingFailure(run: Run, event: RunEventOf<'pulls.opened'>): Failure | null {
  const missing = changedLegs(run).filter((leg) => leg.pull === null)
  if (missing.length === 0) return null
  const first = event.failed[0]?.failure ?? { cause: 'internal', message: 'no answer for this repository' }
  const names = missing.map(({ repository }) => repository).join(', ')
  return { ...first, message: `The pull request could not be opened in ${names}: ${first.message}`.slice(0, 2_000) }
}
