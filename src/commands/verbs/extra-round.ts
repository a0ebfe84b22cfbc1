import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const extraRoundCommand: CommandDefinition = {
  verb: 'extra-round',
  arguments: '',
  help: 'Grants one more round to a step that has used up its rounds.',
  who: 'approve',
  bots: false,
  where: 'issue or pull request',
  read: alone({ verb: 'extra-round' }),
}
