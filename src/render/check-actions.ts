/** The buttons of check runs: the same controls as in the status comment, on the stage that they are about (CMD-8). */
import { commandOfControl } from '../commands/checkbox.ts'
import type { Leg, Run, Step } from '../pipeline/model.ts'
import { activeStep, isLive } from '../pipeline/state.ts'
import { controlsOf } from './controls.ts'

/** A button; GitHub takes at most three per check run, and 20, 40 and 20 characters. */
export interface ActionView {
  label: string
  description: string
  /** A control's id, as `commandOfControl` reads it. */
  identifier: string
}

const MAX_ACTIONS = 3
const IDENTIFIER_MAX_CHARS = 20

/** In few words, and in whole ones: what a control does, by its verb. */
const WORDS: Readonly<Record<string, readonly [label: string, description: string]>> = {
  approve: ['Approve', 'Approve what is shown, and go on'],
  'extra-round': ['One more round', 'Grant one more round'],
  proceed: ['Go on', 'Go on with it as it is'],
  retry: ['Retry', 'Try this stage again'],
  resume: ['Resume', 'Go on with the paused run'],
  revert: ['Revert', 'Open pull requests that take it back'],
  merge: ['Merge', 'Merge all pull requests, in order'],
  stop: ['Stop', 'End this run for good'],
}

/** What can be done about a stage now: what it asks a person for, or trying it again. */
export function stageActions(run: Run, step: Step): ActionView[] {
  const current = activeStep(run)
  const asks = current?.id === step.id && current.status.wait.for === 'person' && run.status.state === 'active'
  const failed = step.status.state === 'failed' && run.status.state === 'failed'
  if (!asks && !failed) return []
  return actions(controlIds(run).filter((id) => id !== 'stop'))
}

/** What can be done about the change set: merging it when that is asked for, trying again, stopping. */
export function changeSetActions(run: Run, leg: Pick<Leg, 'mergedSha'>): ActionView[] {
  if (leg.mergedSha !== null && !isLive(run)) return []
  // While it is tried again by itself nothing is written for a button: that passes.
  const offered = run.status.state === 'failed' ? ['retry'] : ['merge', 'resume', 'stop']
  return actions(controlIds(run).filter((id) => offered.includes(id)))
}

function controlIds(run: Run): string[] {
  return controlsOf(run).map(({ id }) => id)
}

function actions(ids: readonly string[]): ActionView[] {
  return ids.flatMap((identifier) => action(identifier) ?? []).slice(0, MAX_ACTIONS)
}

/** Null for what has no place on a button. */
function action(identifier: string): ActionView | null {
  const [verb = '', option] = identifier.split(':')
  if (identifier.length > IDENTIFIER_MAX_CHARS || commandOfControl(identifier) === null) return null
  if (verb === 'answer') {
    return { label: `Option ${option}`, description: `Decide for option ${option} of what is asked`, identifier }
  }
  const words = WORDS[verb]
  return words === undefined ? null : { label: words[0], description: words[1], identifier }
}
