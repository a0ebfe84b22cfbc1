/**
 * A message for the agent at work (CMD-12). Its job is stopped at its next safe point with its work pushed, and a new job goes
 * on in the same session with the message. Races: *told at the end* (the job ends by itself before it hears of the message:
 * whatever its result, the step works again with it, else the message would be lost), *told and lost* (the job never comes
 * back: the same), *told before it began* (a job that no runner has is taken back, which counts as lost).
 */
import type { RunEventOf } from './events.ts'
import type { Step } from './model.ts'
import { awaitedJobs } from './state.ts'
import { enterStep, heldStep, note, type Turn } from './turn.ts'

/** Longest message that an agent is told, in characters. */
export const MESSAGE_MAX_CHARS = 20_000
/** Most messages, and other feedback, that one attempt is given. */
const FEEDBACK_MAX = 50

/** Keeps the message for the step's next job, and has the one at work stopped. Null when it was taken, else why not. */
export function tell(turn: Turn, event: RunEventOf<'command.tell'>): string | null {
  const { run } = turn
  const { prefix } = run.settings
  const step = run.status.state === 'active' ? heldStep(turn) : undefined
  const [job, ...others] = step?.status.state === 'active' ? awaitedJobs(step.status.wait) : []
  if (step === undefined || job === undefined)
    return `No agent is at work, so nobody can be told. \`${prefix} status\` says what the run waits for.`
  if (others.length > 0 || step.status.state !== 'active' || step.status.wait.for !== 'job')
    return `Several agents are at work in *${step.id}*, and one message would not say for whom it is.`
  if (step.kind === 'validate') return 'Only commands are running, and no agent that could be told.'
  if (event.text.length > MESSAGE_MAX_CHARS)
    return `The message has ${event.text.length} characters; an agent is told ${MESSAGE_MAX_CHARS} at most.`
  const by = event.actor.login
  step.feedback = [...step.feedback, { from: 'person', by, text: event.text } as const].slice(-FEEDBACK_MAX)
  note(turn, 'agent.told', event.text.slice(0, 500), { step: step.id, who: by })
  if (step.told === true) return null
  step.told = true
  turn.effects.push({ kind: 'cancel-job', id: `${job}-tell`, job, why: `told by ${by}`, keep: true })
  return null
}

/** Goes on with the message once the job that was to hear it has ended, however it did. False where nobody said anything. */
export function goOnTold(turn: Turn, step: Step): boolean {
  if (step.told !== true) return false
  note(turn, 'agent.goes-on', 'goes on with what it was told', { step: step.id })
  enterStep(turn, step, 'rewind')
  return true
}
