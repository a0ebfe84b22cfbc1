import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const fixCommand: CommandDefinition = {
  verb: 'fix',
  arguments: '',
  help: 'Resolves conflicts, answers open remarks and mends red checks, on the branch of the pull request itself.',
  who: 'start',
  bots: true,
  where: 'pull request',
  read: alone({ verb: 'fix' }),
}
