import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const costCommand: CommandDefinition = {
  verb: 'cost',
  arguments: '',
  help: 'Says what the run has used so far, by step and role: tokens, and money where it is known.',
  who: 'everyone',
  bots: true,
  where: 'issue or pull request',
  read: alone({ verb: 'cost' }),
}
