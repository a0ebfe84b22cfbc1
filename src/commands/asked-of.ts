import type { Run } from '../pipeline/model.ts'
import type { Command, CommandDefinition } from './command.ts'

/** Kinds of step that judge what others did. */
const JUDGING: readonly string[] = ['companion', 'test', 'validate', 'ci', 'review']

/** What a command is to be authorised as. */
type Demand = Pick<CommandDefinition, 'verb' | 'who' | 'bots'>

/**
 * What a command asks for. Leaving out a step that judges is deciding in its place, so it is for those who may approve;
 * leaving out an approval is as good as approving.
 */
export function askedOf(definition: Demand, command: Command, run: Run | null): Demand {
  const { verb, who, bots } = definition
  if (command.verb !== 'skip') return { verb, who, bots }
  const kind = run?.steps.find(({ id }) => id === command.step)?.kind ?? ''
  if (kind === 'approval') return { verb: 'approve', who: 'approve', bots }
  return { verb, who: JUDGING.includes(kind) ? 'approve' : who, bots }
}
