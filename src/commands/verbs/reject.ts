import type { CommandDefinition } from '../command.ts'

export const rejectCommand: CommandDefinition = {
  verb: 'reject',
  arguments: '[why]',
  help: 'Turns down what is to be approved, and ends the run.',
  who: 'approve',
  bots: false,
  where: 'issue or pull request',
  read: ({ text }) => ({ ok: true, command: { verb: 'reject', why: text } }),
}
