import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const proceedCommand: CommandDefinition = {
  verb: 'proceed',
  arguments: '',
  help: 'Goes on although a step has used up its rounds.',
  who: 'approve',
  bots: false,
  where: 'issue or pull request',
  read: alone({ verb: 'proceed' }),
}
