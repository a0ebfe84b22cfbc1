/** Another model for a role of one run: a person's word over the configuration, for the jobs that are still to come. */
import type { RunEventOf } from './events.ts'
import { rolesUsed } from './roles-used.ts'
import { isLive } from './state.ts'
import { note, type Turn } from './turn.ts'

/** The settings of roles that have none of their own. */
const FALLBACK_ROLE = 'default'

/** Null when it was done, else why not and what to do. */
export function chooseModel(turn: Turn, event: RunEventOf<'command.model'>): string | null {
  const { run } = turn
  const { state } = run.status
  if (!isLive(run) && state !== 'failed') return `No role works any more: the run is ${state}; a start label begins a new one.`
  const used = [...rolesUsed(run)]
  const role = run.settings.roles[event.role] ?? run.settings.roles[FALLBACK_ROLE]
  if (role === undefined || !used.includes(event.role)) {
    return `No role of that name works in this run; there are ${used.map((name) => `\`${name}\``).join(', ')}.`
  }
  run.settings.roles[event.role] = { ...role, runtime: { ...role.runtime, model: event.model } }
  note(turn, event.type, `${event.role} works with the model ${event.model} from its next job on`, { who: event.actor.login })
  return null
}
