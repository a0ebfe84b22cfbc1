import type { Run, Step } from '../../pipeline/model.ts'
import { WorkflowConfig, workingOf } from '../../pipeline/steps/workflow-data.ts'
import type { Db } from '../../store/db.ts'
import { readEntries } from '../../store/workflow-calls.ts'
import type { OpenScript } from '../advance-workflow.ts'
import { budgetOf } from './budget.ts'
import { startScript } from './live-script.ts'
import { replayScript } from './replay-script.ts'

/**
 * How many calls of the journal a script would not make anew, if the step went on with these sources. Nothing is changed by
 * the question. Failures count as calls to be made anew.
 */
export async function replayCount(
  db: Db,
  openScript: OpenScript,
  run: Run,
  step: Step,
  sources: Readonly<Record<string, string>>,
): Promise<number> {
  const data = workingOf(step)
  const config = WorkflowConfig.parse(step.config)
  const source = sources[config.workflow]
  if (data === null || source === undefined) return 0
  const journal = await readEntries(db, { run: run.id, step: step.id, journal: data.journal })
  const failures = journal.flatMap(({ state, position }) => (state === 'failed' && position !== null ? [position] : []))
  const firstFailure = Math.min(...failures, Number.POSITIVE_INFINITY)
  const kept = journal.filter(({ state, after }) => state !== 'failed' && after < firstFailure)
  const interpreter = await openScript({
    source,
    name: config.workflow,
    args: config.args,
    workflows: sources,
    budget: budgetOf(run),
  })
  try {
    const { told } = await replayScript(await startScript(interpreter), kept)
    return told
  } finally {
    await interpreter.dispose()
  }
}
