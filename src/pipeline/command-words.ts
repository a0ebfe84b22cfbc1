/** What the commands have in common: which step they are for, and how it is said that there is nothing to do. */
import type { RunEvent } from './events.ts'
import type { Step } from './model.ts'
import { heldStep, type Turn } from './turn.ts'

/** The events that a person's command becomes. */
export type CommandEvent = Extract<RunEvent, { actor: unknown }>

export function activeStepOf(turn: Turn): Step | undefined {
  return turn.run.status.state === 'active' ? heldStep(turn) : undefined
}

/** A paused run does nothing but be resumed or stopped. */
export function held({ run }: Turn): string | null {
  return run.status.state === 'paused' ? `The run is paused; \`${run.settings.prefix} resume\` comes first.` : null
}

/** How a run without an active step stands, and what can be done with it. */
export function over({ run }: Turn): string {
  const { prefix } = run.settings
  switch (run.status.state) {
    case 'queued':
      return 'still queued; it begins by itself.'
    case 'active':
      return `at no step; \`${prefix} status\` says more.`
    case 'failed':
      return `failed; \`${prefix} retry\` goes on where it failed.`
    case 'paused':
      return `paused; \`${prefix} resume\` goes on.`
    case 'done':
    case 'stopped':
      return `${run.status.state}; a start label begins a new one.`
  }
}

export function noSuchStep({ run }: Turn, id: string): string {
  return `There is no step "${id}"; this run has ${run.steps.map((step) => step.id).join(', ')}.`
}
