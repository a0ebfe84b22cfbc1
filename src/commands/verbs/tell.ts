import type { CommandDefinition } from '../command.ts'

export const tellCommand: CommandDefinition = {
  verb: 'tell',
  arguments: '<message>',
  help: 'Tells the agent that is at work; the lines below belong to it. Its work is kept, and it goes on with the message.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: ({ text }) =>
    text === ''
      ? { ok: false, problem: 'needs what the agent is to be told, behind it or on the lines below' }
      : { ok: true, command: { verb: 'tell', text } },
}
