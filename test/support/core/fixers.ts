import type { RunEvent } from '../../../src/pipeline/events.ts'
import type { Run } from '../../../src/pipeline/model.ts'
import { DEFAULT_ATTEMPTS } from '../../../src/pipeline/steps/ci.ts'
import { DEFAULT_CONFLICT_ATTEMPTS } from '../../../src/pipeline/steps/conflicts-data.ts'
import type { Decision } from '../../../src/pipeline/turn.ts'

/** What was sent to the fixers of one gate since it began anew; counted here, and not believed from the gate's own state. */
interface Sent {
  fixes: number
  extraRounds: number
  /** Evidence by the job that was sent for it. */
  evidence: Map<string, string>
  /** Evidence that a fixer has worked on. */
  worked: Set<string>
  /** The last one came to its end; one that is sent in the place of a lost one is no further fix. */
  ended: boolean
}

/** Counts fixers, by step. */
export type FixerCount = Map<string, Sent>

/** Takes a decision into the count; gives what is wrong with it (GATE-1, and the budget of attempts). */
export function countFixers(count: FixerCount, event: RunEvent, { run, effects, facts }: Decision): string[] {
  restarted(count, event, run, effects)
  // Whatever came of a job that a person had something to tell: another one takes its place.
  const told = facts.some(({ what }) => what === 'agent.goes-on')
  // Nor is what was held back for its size worked on in vain: a person says what becomes of it.
  const held =
    event.type === 'job.finished' &&
    event.result.status === 'finished' &&
    event.result.legs.some(({ push }) => push.status === 'held')
  if (event.type === 'job.finished' && !told && !held) {
    for (const [id, sent] of count) {
      const given = sent.evidence.get(event.job)
      const { result } = event
      // A conflict that is left is a resolver's end in vain; of anybody else it is a failure like any other.
      const inVain =
        run.steps.find((step) => step.id === id)?.kind === 'conflicts' ? ['no-changes', 'conflict'] : ['no-changes']
      const useless = result.status === 'failed' && inVain.includes(result.failure.cause)
      if (
        given !== undefined &&
        (useless || (result.status === 'finished' && ['success', 'partial', 'noop'].includes(result.report.status)))
      ) {
        sent.worked.add(given)
        sent.ended = true
      }
    }
  }
  const asked = event.type === 'command.extra-round' || event.type === 'command.changes'
  // What a person grants holds also where the fixer is sent only later, because a head moved in between.
  for (const { what, step } of facts) {
    if (asked && what === event.type && step !== undefined) sentBy(count, step).extraRounds += 1
  }
  const faults: string[] = []
  for (const effect of effects) {
    // An agent on call only looks into the evidence; it mends nothing.
    if (effect.kind !== 'enqueue-job' || effect.evidence === null || effect.mode !== 'code') continue
    const sent = sentBy(count, effect.step)
    const instead = !sent.ended && [...sent.evidence.values()].at(-1) === effect.evidence
    if (sent.ended) sent.fixes += 1
    sent.ended = false
    if (!asked && !instead && sent.worked.has(effect.evidence))
      faults.push(`${effect.step}: a fixer for evidence that one has worked on in vain`)
    sent.evidence.set(effect.job, effect.evidence)
    const step = run.steps.find(({ id }) => id === effect.step)
    const most = step?.kind === 'conflicts' ? DEFAULT_CONFLICT_ATTEMPTS : DEFAULT_ATTEMPTS
    const attempts = Number(step?.config.attempts ?? step?.config.batches ?? most)
    if (sent.fixes > attempts + sent.extraRounds)
      faults.push(`${effect.step}: ${sent.fixes} fixers of ${attempts} and ${sent.extraRounds} extra`)
  }
  return faults
}

function sentBy(count: FixerCount, step: string): Sent {
  const sent = count.get(step) ?? { fixes: 0, extraRounds: 0, evidence: new Map(), worked: new Set(), ended: true }
  count.set(step, sent)
  return sent
}

/** A restart begins to count anew, for its step and all after it. */
function restarted(count: FixerCount, event: RunEvent, run: Run, effects: Decision['effects']): void {
  if (event.type !== 'command.restart') return
  if (!effects.some((effect) => effect.kind === 'answer' && effect.result === 'done')) return
  const from = run.steps.findIndex(({ id }) => id === event.step)
  for (const { id } of run.steps.slice(from)) count.delete(id)
}
