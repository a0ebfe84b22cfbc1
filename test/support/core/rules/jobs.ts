/** Jobs that nobody waits for any more are cancelled (7), and failed attempts are made again late and seldom enough (6). */
import type { Cause } from '../../../../src/contract/failure.ts'
import type { Run, Wait } from '../../../../src/pipeline/model.ts'
import { awaitedJobs } from '../../../../src/pipeline/state.ts'
import { type Fault, heldStep, heldWait, type Rule, restarted, type Seen, wasDone } from './rule.ts'

/** Written down here once more, and not taken from the core: after these nothing is tried again by itself. */
const NEVER: readonly Cause[] = [
  'config',
  'permission',
  'rejected',
  'stopped',
  'no-changes',
  'conflict',
  'ci',
  'tests',
  'companion',
  'budget',
]
/** These cost the agent's own budget; all others the infrastructure's. */
const OWN: readonly Cause[] = ['timeout-inactivity', 'timeout-duration', 'agent', 'no-usable-output', 'no-progress']

/** Whatever takes a job's place: the job itself was at its end, or it is cancelled. */
export function noJobLeftBehind({ before, event, decision }: Seen): Fault[] {
  if (before.status.state !== 'active') return []
  const { run, effects } = decision
  const still = run.status.state === 'active' ? awaitedJobs(heldWait(run)) : []
  const over = new Set(
    effects.flatMap((effect) => (effect.kind === 'cancel-job' ? [effect.job] : [])).concat('job' in event ? event.job : []),
  )
  const left = awaitedJobs(heldWait(before)).filter((job) => !still.includes(job) && !over.has(job))
  return left.flatMap((job) =>
    event.type === 'effect.failed' && event.effect === `${job}-enqueue`
      ? []
      : [{ invariant: '7', message: `nobody waits for ${job} any more, and it goes on` }],
  )
}

type Retrying = Extract<Wait, { for: 'retry' }>

function retryOf(run: Run): Retrying | null {
  const wait = heldWait(run)
  return wait?.for === 'retry' ? wait : null
}

/** Counts the attempts by step and budget itself, since a person last had a say or the step was done. */
export function retries(): Rule {
  const counts = new Map<string, { own: number; infrastructure: number }>()
  return (seen) => {
    const { before, event, decision, now } = seen
    const faults: string[] = []
    const [old, fresh] = [retryOf(before), retryOf(decision.run)]
    if (old !== null && fresh === null && event.type === 'timer.fired' && now < old.until)
      faults.push('an attempt was made again too early')
    for (const { what, step } of decision.facts) if (what === 'step.done' && step !== undefined) counts.delete(step)
    for (const step of restarted(seen)) counts.delete(step)
    if (event.type === 'command.retry' && wasDone(decision)) for (const { id } of before.steps) counts.delete(id)
    if (fresh !== null && fresh !== old) faults.push(...begun(counts, seen, fresh))
    return faults.map((message) => ({ invariant: '6', message }))
  }
}

function begun(counts: Map<string, { own: number; infrastructure: number }>, seen: Seen, wait: Retrying): string[] {
  const { event, decision, now } = seen
  const id = heldStep(decision.run)?.id ?? ''
  const { cap, infrastructure, gapMs } = decision.run.settings.retry
  const { cause, retryAt, retryable } = wait.failure
  const count = counts.get(id) ?? { own: 0, infrastructure: 0 }
  const own = OWN.includes(cause)
  if (own) count.own += 1
  else count.infrastructure += 1
  counts.set(id, count)
  const faults: string[] = []
  if (!['job.finished', 'job.lost', 'effect.failed'].includes(event.type)) faults.push(`${event.type} led to another attempt`)
  if (NEVER.includes(cause)) faults.push(`${id} is tried again after ${cause}`)
  if (own && retryable === false) faults.push(`${id} is tried again, and its agent says that this is in vain`)
  if (count.own > cap || count.infrastructure > infrastructure) faults.push(`${id} is tried again too often`)
  if (wait.until < now + gapMs) faults.push(`${id} is tried again after less than ${gapMs} ms`)
  if (retryAt !== undefined && wait.until < retryAt) faults.push(`${id} is tried again before ${retryAt}`)
  return faults
}
