import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const reposCommand: CommandDefinition = {
  verb: 'repos',
  arguments: '',
  help: 'Lists the repositories of the run: what it may do there, its branch, its newest commit, its pull request.',
  who: 'everyone',
  bots: true,
  where: 'issue or pull request',
  read: alone({ verb: 'repos' }),
}
