/** A failure in words (FAIL-1): what happened, where, what to do, and the command that does it. Markdown. */
import type { Cause, Failure } from '../contract/failure.ts'
import type { StepId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { openLegs, stepOf } from '../pipeline/state.ts'
import { causeText } from './failure-text.ts'
import { safeLine } from './safe-text.ts'
import { stepName } from './step-name.ts'

const MESSAGE_MAX_CHARS = 1_000

/** Causes that lie in what a repository holds. */
const OF_A_REPOSITORY: readonly Cause[] = ['conflict', 'ci', 'tests']

/** What happened and where, in one paragraph. */
export function whatFailed(run: Run, step: StepId, failure: Failure): string {
  const { what } = causeText(failure.cause)
  const repositories = repositoriesOf(run, failure)
  const where = `At *${stepName(stepOf(run, step))}*${repositories === '' ? '' : ` in ${repositories}`}`
  return `**${what}** ${where}: ${safeLine(failure.message, MESSAGE_MAX_CHARS)}`
}

/** What to do, and the command. */
export function whatToDo(run: Run, step: StepId, failure: Failure): string {
  const { remedy, command } = causeText(failure.cause)
  const { prefix } = run.settings
  return command === 'retry'
    ? `${remedy} \`${prefix} retry\` goes on at *${stepName(stepOf(run, step))}*.`
    : `${remedy} \`${prefix} run ${run.pipeline}\` starts it anew.`
}

/** The repositories at fault, where that is known and the message does not name them; else nothing. */
function repositoriesOf(run: Run, failure: Failure): string {
  if (!OF_A_REPOSITORY.includes(failure.cause)) return ''
  const open = openLegs(run)
  if (open.some(({ repository }) => failure.message.includes(repository))) return ''
  const told = open.filter(({ repository }) => failure.detail?.includes(repository) === true)
  const red = failure.cause === 'ci' ? open.filter((leg) => leg.checkedSha !== leg.head) : []
  const at = open.length === 1 ? open : told.length > 0 ? told : red
  return at.map(({ repository }) => repository).join(', ')
}
