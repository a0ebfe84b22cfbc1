import type { CommandDefinition } from '../command.ts'

export const stopCommand: CommandDefinition = {
  verb: 'stop',
  arguments: '[why]',
  help: 'Ends the run for good; branches and pull requests stay.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: ({ line }) => ({ ok: true, command: { verb: 'stop', why: line } }),
}
