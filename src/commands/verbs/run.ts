import type { CommandDefinition } from '../command.ts'
import { oneWord } from './arguments.ts'

export const runCommand: CommandDefinition = {
  verb: 'run',
  arguments: '[pipeline]',
  help: 'Starts a run of the issue or pull request, in the default pipeline or the one named.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: oneWord((pipeline) => ({ verb: 'run', pipeline })),
}
