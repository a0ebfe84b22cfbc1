/** A part of the auditor with a memory of its own: it sees every decision of one run that changed something. */
import type { RunEvent } from '../../../../src/pipeline/events.ts'
import type { Run, Step, Wait } from '../../../../src/pipeline/model.ts'
import type { Decision } from '../../../../src/pipeline/turn.ts'

export interface Seen {
  before: Run
  event: RunEvent
  decision: Decision
  now: number
}

/** What is wrong, by the number of the invariant that it breaks. */
export interface Fault {
  invariant: string
  message: string
}

export type Rule = (seen: Seen) => Fault[]

/** The step that is active, also in a run that is held. */
export function heldStep(run: Run): Step | undefined {
  return run.steps.find(({ status }) => status.state === 'active')
}

/** What the active step waits for, also in a run that is held. */
export function heldWait(run: Run): Wait | null {
  const step = heldStep(run)
  return step?.status.state === 'active' ? step.status.wait : null
}

/** The command was done, and not refused. */
export function wasDone({ effects }: Decision): boolean {
  return effects.some((effect) => effect.kind === 'answer' && effect.result === 'done')
}

/** The steps that a restart begins anew; none where the event is no restart that was done. */
export function restarted({ event, decision }: Seen): string[] {
  if (event.type !== 'command.restart' || !wasDone(decision)) return []
  const { steps } = decision.run
  return steps.slice(steps.findIndex(({ id }) => id === event.step)).map(({ id }) => id)
}
