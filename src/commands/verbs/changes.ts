import type { CommandDefinition } from '../command.ts'

export const changesCommand: CommandDefinition = {
  verb: 'changes',
  arguments: '<what should change>',
  help: 'Sends back what is shown, with what should change; the lines below belong to it.',
  who: 'start',
  bots: true,
  where: 'issue or pull request',
  read: ({ text }) =>
    text === ''
      ? { ok: false, problem: 'needs what should change, behind it or on the lines below' }
      : { ok: true, command: { verb: 'changes', text } },
}
