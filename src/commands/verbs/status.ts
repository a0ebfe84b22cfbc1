import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const statusCommand: CommandDefinition = {
  verb: 'status',
  arguments: '',
  help: 'Says where the run stands, what it waits for and from whom.',
  who: 'everyone',
  bots: true,
  where: 'issue or pull request',
  read: alone({ verb: 'status' }),
}
