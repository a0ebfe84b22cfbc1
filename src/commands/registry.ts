/** The registry of commands: to add one, add a member to `command.ts`, a file to `verbs/` and a line here. Help and docs come from it. */
import type { CommandDefinition, Verb } from './command.ts'
import { answerCommand } from './verbs/answer.ts'
import { approveCommand } from './verbs/approve.ts'
import { budgetCommand } from './verbs/budget.ts'
import { changesCommand } from './verbs/changes.ts'
import { costCommand } from './verbs/cost.ts'
import { dismissCommand } from './verbs/dismiss.ts'
import { explainCommand } from './verbs/explain.ts'
import { extraRoundCommand } from './verbs/extra-round.ts'
import { fileCommand } from './verbs/file.ts'
import { fixCommand } from './verbs/fix.ts'
import { helpCommand } from './verbs/help.ts'
import { mergeCommand } from './verbs/merge.ts'
import { modelCommand } from './verbs/model.ts'
import { pauseCommand } from './verbs/pause.ts'
import { proceedCommand } from './verbs/proceed.ts'
import { rejectCommand } from './verbs/reject.ts'
import { reposCommand } from './verbs/repos.ts'
import { restartCommand } from './verbs/restart.ts'
import { resumeCommand } from './verbs/resume.ts'
import { retryCommand } from './verbs/retry.ts'
import { revertCommand } from './verbs/revert.ts'
import { reviewCommand } from './verbs/review.ts'
import { runCommand } from './verbs/run.ts'
import { skipCommand } from './verbs/skip.ts'
import { statusCommand } from './verbs/status.ts'
import { stopCommand } from './verbs/stop.ts'
import { tellCommand } from './verbs/tell.ts'

/** In the order in which help lists them. */
export const COMMANDS: readonly CommandDefinition[] = [
  runCommand,
  reviewCommand,
  fixCommand,
  statusCommand,
  explainCommand,
  costCommand,
  reposCommand,
  approveCommand,
  changesCommand,
  tellCommand,
  rejectCommand,
  answerCommand,
  dismissCommand,
  fileCommand,
  retryCommand,
  restartCommand,
  skipCommand,
  extraRoundCommand,
  proceedCommand,
  mergeCommand,
  revertCommand,
  modelCommand,
  budgetCommand,
  pauseCommand,
  resumeCommand,
  stopCommand,
  helpCommand,
]

/** The verbs, for finding the nearest. */
export const VERBS: readonly Verb[] = COMMANDS.map(({ verb }) => verb)

/** The command of this verb; undefined where there is none. */
export function commandOf(verb: string): CommandDefinition | undefined {
  return COMMANDS.find((command) => command.verb === verb)
}

/** How a command is written: `/yard restart <step>`. */
export function usage({ verb, arguments: rest }: CommandDefinition, prefix: string): string {
  return [prefix, verb, rest].filter((part) => part !== '').join(' ')
}
