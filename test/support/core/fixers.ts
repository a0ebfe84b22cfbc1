import type { RunEvent } from '../../../src/pipeline/events.ts'
import type { Run } from '../../../src/pipeline/model.ts'
import { DEFAULT_ATTEMPTS } from '../../../src/pipeline/steps/ci.ts'
import type { Decision } from '../../../src/pipeline/turn.ts'

/** What was sent to the fixers of one gate since it began anew; counted here, and not believed from the gate's own state. */
interface Sent {
  fixes: number
  extraRounds: number
  /** Evidence by the job that was sent for it. */
  evidence: Map<string, string>
  /** Evidence that a fixer has worked on. */
  worked: Set<string>
}

/** Counts fixers, by step. */
export type FixerCount = Map<string, Sent>

/** Takes a decision into the count; gives what is wrong with it (GATE-1, and the budget of attempts). */
export function countFixers(count: FixerCount, event: RunEvent, { run, effects }: Decision): string[] {
  restarted(count, event, run, effects)
  if (event.type === 'job.finished') {
    for (const { evidence, worked } of count.values()) {
      const given = evidence.get(event.job)
      const { result } = event
      const useless = result.status === 'failed' && result.failure.cause === 'no-changes'
      if (
        given !== undefined &&
        (useless || (result.status === 'finished' && ['success', 'partial', 'noop'].includes(result.report.status)))
      )
        worked.add(given)
    }
  }
  const faults: string[] = []
  for (const effect of effects) {
    if (effect.kind !== 'enqueue-job' || effect.evidence === null) continue
    const sent = count.get(effect.step) ?? { fixes: 0, extraRounds: 0, evidence: new Map(), worked: new Set() }
    count.set(effect.step, sent)
    sent.fixes += 1
    const asked = event.type === 'command.extra-round'
    if (asked) sent.extraRounds += 1
    else if (sent.worked.has(effect.evidence))
      faults.push(`${effect.step}: a fixer for evidence that one has worked on in vain`)
    sent.evidence.set(effect.job, effect.evidence)
    const attempts = Number(run.steps.find(({ id }) => id === effect.step)?.config.attempts ?? DEFAULT_ATTEMPTS)
    if (sent.fixes > attempts + sent.extraRounds)
      faults.push(`${effect.step}: ${sent.fixes} fixers of ${attempts} and ${sent.extraRounds} extra`)
  }
  return faults
}

/** A restart begins to count anew, for its step and all after it. */
function restarted(count: FixerCount, event: RunEvent, run: Run, effects: Decision['effects']): void {
  if (event.type !== 'command.restart') return
  if (!effects.some((effect) => effect.kind === 'answer' && effect.result === 'done')) return
  const from = run.steps.findIndex(({ id }) => id === event.step)
  for (const { id } of run.steps.slice(from)) count.delete(id)
}
