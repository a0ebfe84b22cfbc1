import type { CommandDefinition } from '../command.ts'
import { alone } from './arguments.ts'

export const reviewCommand: CommandDefinition = {
  verb: 'review',
  arguments: '',
  help: 'Has the pull request looked at, also one from a fork: a verdict with remarks, and nothing is changed.',
  who: 'start',
  bots: true,
  where: 'pull request',
  read: alone({ verb: 'review' }),
}
