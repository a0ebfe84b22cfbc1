/** Every command that is said to a run, in its simplest form. */
import type { Run, Step } from '../../../src/pipeline/model.ts'
import type { Drive } from './drive.ts'

export const VERBS = [
  'answer',
  'approve',
  'budget',
  'changes',
  'extra-round',
  'merge',
  'pause',
  'proceed',
  'reject',
  'restart',
  'resume',
  'retry',
  'revert',
  'skip',
  'stop',
  'tell',
] as const
export type Verb = (typeof VERBS)[number]

/** The step that the run is at, else the first that is to come, else the last. */
function at({ steps }: Run): Step {
  const found =
    steps.find(({ status }) => ['active', 'failed', 'cancelled'].includes(status.state)) ??
    steps.find(({ status }) => status.state === 'pending') ??
    steps.at(-1)
  if (found === undefined) throw new Error('a run has steps')
  return found
}

/** Says it, to the step that the run is at where a step is needed; gives the answer. */
export function say(run: Drive, verb: Verb) {
  const plan = run.run.steps.find(({ kind }) => kind === 'plan')?.output
  switch (verb) {
    case 'answer':
      return run.say('command.answer', { id: null, text: '1', dismiss: false })
    case 'approve':
      return run.say('command.approve', { hash: plan?.kind === 'plan' ? plan.hash : 'abcdef0', text: null })
    case 'changes':
    case 'tell':
      return run.say(`command.${verb}`, { text: 'use cents' })
    case 'budget':
      return run.say('command.budget', { addUsd: 5 })
    case 'pause':
      return run.say('command.pause', { why: 'later', cause: 'person' })
    case 'reject':
      return run.say('command.reject', { why: 'no' })
    case 'restart':
      return run.say('command.restart', { step: at(run.run).id })
    case 'skip':
      return run.say('command.skip', { step: at(run.run).id, why: 'not now' })
    case 'stop':
      return run.say('command.stop', { why: 'enough' })
    default:
      return run.say(`command.${verb}`, {})
  }
}
