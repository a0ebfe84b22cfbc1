/** `/yard resume --edited`: a dynamic workflow goes on with its script as the default branch has it now (WF-3). */
import { inWords, quoted } from '../../config/nearest.ts'
import { replayCount } from '../../effects/workflow/replay-count.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { WorkflowConfig, workingOf } from '../../pipeline/steps/workflow-data.ts'
import { keepScripts } from '../../store/workflow-scripts.ts'
import { checkArgumentValues } from '../../workflow/arguments.ts'
import { describeBroken } from './configuration.ts'
import type { Intake } from './intake.ts'
import { rolesOfScript } from './script-roles.ts'
import { readWorkflows } from './workflow-files.ts'

/** The scripts, kept, and how many calls need not be made anew; or why there are none, and what to do. */
export type EditedWorkflows =
  | { ok: true; workflows: Record<string, string>; replays: number }
  | { ok: false; why: string; remedy: string }

/** Reads the scripts anew. @throws GitHubError */
export async function editedWorkflows(intake: Intake, octokit: Octokit, run: Run): Promise<EditedWorkflows> {
  const step = run.steps.find(({ status }) => status.state === 'active' || status.state === 'failed')
  if (step === undefined || workingOf(step) === null) {
    return {
      ok: false,
      why: 'no dynamic workflow is at work or has failed in it',
      remedy: 'Without `--edited` it goes on as it is.',
    }
  }
  const { workflow, args } = WorkflowConfig.parse(step.config)
  const { good, broken } = await readWorkflows(octokit, repositoryOf(run.task.repository))
  const fault = broken.find(({ path }) => path.endsWith(`/${workflow}.js`))
  if (fault !== undefined) {
    const remedy = `${describeBroken([fault])}\n\nMend it on the default branch, then say it again.`
    return { ok: false, why: `the workflow ${quoted(workflow)} is not good`, remedy }
  }
  const script = good.find(({ name }) => name === workflow)
  if (script === undefined) {
    const names = good.map(({ name }) => quoted(name))
    const there = names.length === 0 ? 'There is none.' : `There are ${inWords(names, 'and')}.`
    return { ok: false, why: `there is no workflow ${quoted(workflow)} on the default branch any more`, remedy: there }
  }
  const checked = checkArgumentValues(script.meta, args)
  if (!checked.ok) {
    const remedy = `The run was started with others than the script takes now: ${checked.problems.join('; ')}. Stop it and start anew.`
    return { ok: false, why: 'its arguments do not fit any more', remedy }
  }
  const roles = rolesOfScript(script, new Map(good.map((each) => [each.name, each])))
  if (!roles.ok) return { ok: false, ...roles.refusal }
  const sources = Object.fromEntries(good.map(({ name, source }) => [name, source]))
  const workflows = await keepScripts(intake.store.db, sources, intake.now())
  const replays = await replayCount(intake.store.db, intake.openScript, run, step, sources)
  return { ok: true, workflows, replays }
}
