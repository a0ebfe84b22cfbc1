/** The dynamic workflows of a run that is to start: their scripts as the default branch has them, and their arguments. */
import { inWords, nearest, quoted } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import { WORKFLOW_PREFIX } from '../../config/workflow-pipeline.ts'
import type { Octokit, Repository } from '../../github/octokit.ts'
import type { StepConfig } from '../../pipeline/model.ts'
import { WorkflowConfig } from '../../pipeline/steps/workflow-data.ts'
import { checkArguments, checkArgumentValues } from '../../workflow/arguments.ts'
import type { ParsedWorkflow } from '../../workflow/parse.ts'
import { describeBroken } from './configuration.ts'
import type { Refusal } from './plan-start.ts'
import { rolesOfScript } from './script-roles.ts'
import { readWorkflows } from './workflow-files.ts'

/** The plan with the arguments as the scripts take them, and the scripts by name; or why it cannot be. */
export type PlannedWorkflows = { ok: true; plan: RunPlan; scripts: Record<string, string> } | { ok: false; refusal: Refusal }

/**
 * Reads and checks the scripts, where the plan has a step for one. What is broken refuses only a start that needs it.
 * @param given the arguments of a command that named the workflow, as they were written
 * @throws GitHubError where GitHub cannot say
 */
export async function planWorkflows(
  octokit: Octokit,
  repository: Repository,
  plan: RunPlan,
  given: Readonly<Record<string, string>>,
): Promise<PlannedWorkflows> {
  if (!plan.steps.some(isWorkflow)) return { ok: true, plan, scripts: {} }
  const { good, broken } = await readWorkflows(octokit, repository)
  const byName = new Map(good.map((script) => [script.name, script]))
  const named = plan.pipeline.startsWith(WORKFLOW_PREFIX)
  const steps: StepConfig[] = []
  for (const step of plan.steps) {
    if (!isWorkflow(step)) {
      steps.push(step)
      continue
    }
    const config = WorkflowConfig.parse(step)
    const fault = broken.find(({ path }) => path.endsWith(`/${config.workflow}.js`))
    if (fault !== undefined) return { ok: false, refusal: brokenScript(config.workflow, describeBroken([fault])) }
    const script = byName.get(config.workflow)
    if (script === undefined) return { ok: false, refusal: missing(config.workflow, [...byName.keys()]) }
    const checked = named ? checkArguments(script.meta, given) : checkArgumentValues(script.meta, config.args)
    if (!checked.ok) return { ok: false, refusal: wrongArguments(script, checked.problems) }
    const roles = rolesOfScript(script, byName)
    if (!roles.ok) return roles
    steps.push({ ...step, args: checked.args, roles: roles.roles })
  }
  return { ok: true, plan: { ...plan, steps }, scripts: Object.fromEntries(good.map(({ name, source }) => [name, source])) }
}

function isWorkflow({ kind, enabled }: StepConfig): boolean {
  return kind === 'workflow' && enabled
}

function brokenScript(name: string, faults: string): Refusal {
  return {
    why: `the workflow ${quoted(name)} is not good`,
    remedy: `${faults}\n\nMend it on the default branch, then start again.`,
  }
}

function missing(name: string, known: readonly string[]): Refusal {
  const near = nearest(name, known)
  const slip = near.length > 0 ? ` Did you mean ${inWords(near.map(quoted), 'or')}?` : ''
  const there =
    known.length === 0
      ? 'There is none in `.github/switchyard/workflows/` of the default branch.'
      : `There are ${inWords(known.map(quoted), 'and')}.`
  return { why: `there is no workflow ${quoted(name)} here`, remedy: `${there}${slip}` }
}

function wrongArguments({ meta }: ParsedWorkflow, problems: readonly string[]): Refusal {
  const lines = problems.slice(0, 20).map((problem) => `- ${problem}`)
  return { why: `the arguments of the workflow ${quoted(meta.name)} do not fit`, remedy: `\n\n${lines.join('\n')}` }
}
