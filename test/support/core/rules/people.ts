/** What people said holds, and nobody says it in their place. */
import type { Run, Step } from '../../../../src/pipeline/model.ts'
import { MergeData } from '../../../../src/pipeline/steps/merge-data.ts'
import { type Fault, heldStep, heldWait, type Rule, restarted, type Seen, wasDone } from './rule.ts'

/** 8: a step is left out only with who and why, never a required one at a person's word; a wait for a person never ends by itself. */
export function skips({ before, event, decision }: Seen): Fault[] {
  const faults: string[] = []
  for (const [index, { id, status, config }] of decision.run.steps.entries()) {
    if (status.state !== 'skipped' || before.steps[index]?.status.state === 'skipped') continue
    if (status.why === '') faults.push(`${id} was skipped without a reason`)
    if (status.by === 'switchyard') continue
    if (event.type !== 'command.skip' || event.step !== id || event.actor.login !== status.by)
      faults.push(`${id} was skipped, and ${status.by} did not say so`)
    if (config.required) faults.push(`${id} is required and was skipped by ${status.by}`)
  }
  const wait = heldWait(before)
  if (event.type === 'timer.fired' && event.timer.endsWith('-escalate') && wait?.for === 'person') {
    const now = heldWait(decision.run)
    if (now?.for !== 'person' || now.what !== wait.what) faults.push('a wait for a person ended by itself')
  }
  return faults.map((message) => ({ invariant: '8', message }))
}

/** 7: what had an end comes back to life only by a person's word; what is held goes on by one, by a reopened pull request, or by money. */
export function revivals({ before, event, decision }: Seen): Fault[] {
  const [from, to] = [before.status, decision.run.status]
  if (to.state !== 'active') return []
  const edited = event.type === 'command.resume' && event.edited !== undefined
  const again = edited || ['command.retry', 'command.restart', 'command.skip'].includes(event.type)
  const failed = from.state === 'failed' && !again
  const reopened = from.state === 'paused' && from.cause === 'pull-closed' && !('actor' in event)
  const paid = from.state === 'paused' && from.cause === 'budget' && ['command.budget', 'budget.room'].includes(event.type)
  const held = from.state === 'paused' && event.type !== 'command.resume' && !reopened && !paid
  if (!failed && !held) return []
  return [{ invariant: '7', message: `a run that was ${from.state} went on at ${event.type}` }]
}

/** 7: what a person was told is done is done: a stopped run is stopped, a held one held. */
export function kept({ event, decision }: Seen): Fault[] {
  if (!wasDone(decision)) return []
  const { state } = decision.run.status
  const wrong =
    (event.type === 'command.stop' && state !== 'stopped') ||
    (event.type === 'command.pause' && state !== 'paused') ||
    (event.type === 'command.resume' && state === 'paused')
  return wrong ? [{ invariant: '7', message: `${event.type} was done, and the run is ${state}` }] : []
}

/** A decision is kept, and every job of its step is told of it until the step is done. */
export function decisions(): Rule {
  const told = new Map<string, string>()
  return (seen) => {
    const { before, event, decision } = seen
    const { run, effects, facts } = decision
    const faults: string[] = []
    if (run.decisions.length < before.decisions.length) faults.push('a decision was forgotten')
    for (const step of restarted(seen)) told.delete(step)
    const step = heldStep(before)
    if (event.type === 'command.answer' && wasDone(decision) && step !== undefined && step.question !== null) {
      const made = run.decisions.length > before.decisions.length ? run.decisions.at(-1) : undefined
      if (made?.question !== step.question.text || made.by !== event.actor.login || made.answer === '')
        faults.push(`the answer to ${step.id} is not among the decisions`)
      if (run.steps.some(({ question }) => question !== null)) faults.push(`${step.id} asks on after the answer`)
      told.set(step.id, made?.answer ?? '')
    }
    // Done, and perhaps begun again within the same decision.
    for (const { what, step: id } of facts) if (what === 'step.done' && id !== undefined) told.delete(id)
    for (const effect of effects) {
      const answer = effect.kind === 'enqueue-job' ? told.get(effect.step) : undefined
      if (effect.kind !== 'enqueue-job' || answer === undefined) continue
      const feedback = run.steps.find(({ id }) => id === effect.step)?.feedback ?? []
      if (!feedback.some(({ text }) => text.includes(answer))) faults.push(`${effect.job} is not told what was decided`)
    }
    return faults.map((message) => ({ invariant: '8', message }))
  }
}

/** 4: where a person merges, a person said so for exactly this head; where a policy does, it allows what was changed. */
export function words(): Rule {
  const said = new Set<string>()
  return ({ before, event, decision }) => {
    if (event.type === 'command.merge' && wasDone(decision)) for (const { key, head } of before.legs) said.add(`${key}@${head}`)
    return decision.effects.flatMap((effect) => {
      if (effect.kind !== 'merge-pull') return []
      const step = heldStep(decision.run)
      const by = step?.config.by ?? decision.run.settings.merge.by
      if (by === 'auto' || said.has(`${effect.leg}@${effect.head}`)) return []
      const why = by === 'policy' ? policyFault(decision.run, step) : 'nobody said so'
      return why === null ? [] : [{ invariant: '4', message: `${effect.leg} would be merged at ${effect.head}: ${why}` }]
    })
  }
}

const AXES = ['complexity', 'risk', 'impact'] as const

function policyFault(run: Run, step: Step | undefined): string | null {
  const { policy } = run.settings.merge
  if (policy === undefined) return 'there is no policy'
  // What is merged already was judged with the rest; a person may have merged it at another head since.
  const legs = run.legs.filter(({ head, dropped, mergedSha }) => head !== null && !dropped && mergedSha === null)
  const changes = legs.flatMap((leg) => (leg.changes?.head === leg.head && leg.changes !== null ? [leg.changes] : []))
  if (changes.length < legs.length) return 'nobody measured what it changes'
  if (changes.some(({ protectedPaths }) => protectedPaths.length > 0)) return 'it changes what is protected'
  if (changes.some(({ classes }) => classes.some((each) => !policy.classes.includes(each)))) return 'its class is not allowed'
  if (changes.reduce((sum, { files }) => sum + files, 0) > policy.maxFiles) return 'it changes too many files'
  if (changes.reduce((sum, { lines }) => sum + lines, 0) > policy.maxLines) return 'it changes too many lines'
  const assessed = estimates(run, step).filter(({ heads }) =>
    legs.every(({ key, head }) => heads.some((each) => each.leg === key && each.head === head)),
  )
  const good = assessed.some(({ estimate }) => AXES.every((axis) => estimate[axis].value <= policy[axis]))
  return good ? null : 'no assessment of these heads allows it'
}

interface Assessed {
  estimate: Record<(typeof AXES)[number], { value: number }>
  heads: { leg: string; head: string }[]
}

function estimates(run: Run, step: Step | undefined): Assessed[] {
  const outputs = run.steps.flatMap(({ output }) => (output?.kind === 'estimate' ? [output] : []))
  const own = MergeData.safeParse(step?.data).data?.assessment ?? null
  return own === null ? outputs : [...outputs, own]
}
