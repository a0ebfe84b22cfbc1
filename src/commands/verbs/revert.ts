import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const revertCommand: CommandDefinition = {
  verb: 'revert',
  arguments: '',
  help: 'Opens pull requests that take back what the run has merged; a person merges them.',
  who: 'merge',
  bots: false,
  where: 'issue or pull request',
  read: alone({ verb: 'revert' }),
}
