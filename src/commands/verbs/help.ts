import type { CommandDefinition } from '../command.ts'
import { oneWord } from './arguments.ts'

export const helpCommand: CommandDefinition = {
  verb: 'help',
  arguments: '[command]',
  help: 'Lists the commands, or explains one.',
  who: 'everyone',
  bots: true,
  where: 'issue or pull request',
  read: oneWord((about) => ({ verb: 'help', about })),
}
