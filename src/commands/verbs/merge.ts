import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const mergeCommand: CommandDefinition = {
  verb: 'merge',
  arguments: '',
  help: 'Merges the change set, in its order, when every condition holds.',
  who: 'merge',
  bots: false,
  where: 'issue or pull request',
  read: alone({ verb: 'merge' }),
}
