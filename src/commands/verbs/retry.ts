import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const retryCommand: CommandDefinition = {
  verb: 'retry',
  arguments: '',
  help: 'Tries the failed step again; the steps before it keep what they yielded.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: alone({ verb: 'retry' }),
}
