import type { CommandDefinition } from '../command.ts'

export const pauseCommand: CommandDefinition = {
  verb: 'pause',
  arguments: '[why]',
  help: 'Holds the run at its next safe point; what its agent has done so far is pushed.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: ({ line }) => ({ ok: true, command: { verb: 'pause', why: line } }),
}
