/** A failure in words (FAIL-1): what happened, where, what to do, and the command that does it. Markdown. */
import type { Cause, Failure } from '../contract/failure.ts'
import type { StepId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { openLegs, stepOf } from '../pipeline/state.ts'
import { WorkflowConfig, workingOf } from '../pipeline/steps/workflow-data.ts'
import { inlineCode } from './code-text.ts'
import { causeText } from './failure-text.ts'
import { safeLine } from './safe-text.ts'
import { stepName } from './step-name.ts'

const MESSAGE_MAX_CHARS = 1_000

/** Causes that lie in what a repository holds. */
const OF_A_REPOSITORY: readonly Cause[] = ['conflict', 'ci', 'tests']

/** What happened and where, in one paragraph. */
export function whatFailed(run: Run, step: StepId, failure: Failure): string {
  const what =
    ofScript(run, step, failure) === null ? causeText(failure.cause).what : 'The workflow does not work as it is written.'
  const repositories = repositoriesOf(run, failure)
  const where = `At *${stepName(stepOf(run, step))}*${repositories === '' ? '' : ` in ${repositories}`}`
  return `**${what}** ${where}: ${safeLine(failure.message, MESSAGE_MAX_CHARS)}`
}

/** What to do, and the command. */
export function whatToDo(run: Run, step: StepId, failure: Failure): string {
  const { remedy, command } = causeText(failure.cause)
  const { prefix } = run.settings
  const script = ofScript(run, step, failure)
  if (script !== null) {
    return `Mend ${inlineCode(script)} on the default branch; \`${prefix} resume --edited\` goes on with it, and what was done before its first change is not done again.`
  }
  return command === 'retry'
    ? `${remedy} \`${prefix} retry\` goes on at *${stepName(stepOf(run, step))}*.`
    : `${remedy} \`${prefix} run ${run.pipeline}\` starts it anew.`
}

/** The script that ended a dynamic workflow; null where something else did. */
function ofScript(run: Run, step: StepId, { cause }: Failure): string | null {
  const failed = stepOf(run, step)
  if (cause !== 'config' || workingOf(failed) === null) return null
  return `.github/switchyard/workflows/${WorkflowConfig.parse(failed.config).workflow}.js`
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
