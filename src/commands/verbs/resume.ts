import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

/** Not for Apps: after a pull request was closed, going on leaves its repository out, which is a person's to decide. */
export const resumeCommand: CommandDefinition = {
  verb: 'resume',
  arguments: '',
  help: 'Goes on with a run that is paused; pull requests that are closed stay out of it.',
  who: 'start',
  bots: false,
  where: 'issue or pull request',
  read: alone({ verb: 'resume' }),
}
