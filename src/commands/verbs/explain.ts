import type { CommandDefinition } from '../command.ts'
import { oneWord } from './arguments.ts'

export const explainCommand: CommandDefinition = {
  verb: 'explain',
  arguments: '[pipeline]',
  help: 'Says what a start would do here and what would refuse it now, and does nothing.',
  who: 'everyone',
  bots: true,
  where: 'issue or pull request',
  read: oneWord((pipeline) => ({ verb: 'explain', pipeline })),
}
