/** What a run would be started with: the configuration's plan, with the texts that the repository brings (RUN-2, CFG-6). */
import type { Configuration } from '../../config/configuration.ts'
import { inWords, quoted } from '../../config/nearest.ts'
import { ROLE_TEXT_MAX, withRoleTexts } from '../../config/role-files.ts'
import { planRun, type RunPlan } from '../../config/settings.ts'
import { fullNameOf, type Octokit, type Repository } from '../../github/octokit.ts'
import { describeBroken } from './configuration.ts'
import { readContextFiles } from './context-files.ts'
import type { Intake } from './intake.ts'
import { missingNow } from './live-runtimes.ts'
import { unlistedRoles, unpricedRoles } from './payable.ts'
import { planWorkflows } from './plan-workflows.ts'
import { readRoleTexts } from './role-files.ts'
import { validationElsewhere } from './validation-elsewhere.ts'

/** Why a start is not done, going on from "was not done: ", and what to do. */
export interface Refusal {
  why: string
  remedy: string
}

/** The plan as far as it could be made (null: not at all), and everything that refuses it, the nearest to the cause first. */
export interface PlannedStart {
  plan: RunPlan | null
  refusals: Refusal[]
  /** The scripts of dynamic workflows by name, to be kept where the run starts. */
  scripts: Record<string, string>
}

/** Plans a start of this pipeline in this repository, now. @throws GitHubError where GitHub cannot say */
export async function planStart(
  intake: Pick<Intake, 'store' | 'deployment' | 'startedAt'>,
  octokit: Octokit,
  repository: Repository,
  configuration: Configuration,
  pipeline: string,
  args: Readonly<Record<string, string>> = {},
): Promise<PlannedStart> {
  const planned = planRun(configuration, intake.deployment, pipeline)
  if (!planned.ok) return { plan: null, scripts: {}, refusals: [{ why: 'it cannot be run as asked', remedy: planned.why }] }
  const workflows = await planWorkflows(octokit, repository, planned.plan, args)
  const plan = workflows.ok ? workflows.plan : planned.plan
  const [texts, context, unoffered] = await Promise.all([
    readRoleTexts(octokit, repository),
    readContextFiles(octokit, repository, configuration.contextFiles),
    missingNow(intake, plan),
  ])
  const told = texts.ok ? withRoleTexts(plan.settings.roles, texts.texts) : null
  const refusals: Refusal[] = workflows.ok ? [] : [workflows.refusal]
  if (!texts.ok) {
    refusals.push({
      why: "a role's file is not good",
      remedy: `${describeBroken(texts.broken)}\n\nMend it on the default branch, then start again.`,
    })
  }
  if (told !== null && !told.ok) {
    refusals.push({
      why: `${inWords(told.tooLong.map(quoted), 'and')} would be told too much`,
      remedy: `A role's file (at most ${ROLE_TEXT_MAX} characters) and its \`instructions\` have 50,000 characters at most together.`,
    })
  }
  if (!context.ok) refusals.push({ why: context.why, remedy: context.remedy })
  if (unoffered !== null) refusals.push(unoffered)
  const unpriced = unpricedRoles(plan, intake.deployment.models)
  const unlisted = unlistedRoles(plan, intake.deployment.models)
  if (unlisted !== null) refusals.push(unlisted)
  else if (unpriced !== null) refusals.push(unpriced)
  const elsewhere = validationElsewhere(plan, fullNameOf(repository))
  if (elsewhere !== null) refusals.push(elsewhere)
  const roles = told?.ok ? told.roles : plan.settings.roles
  const contextFiles = context.ok && context.files.length > 0 ? { contextFiles: context.files } : {}
  const scripts = workflows.ok ? workflows.scripts : {}
  return { plan: { ...plan, settings: { ...plan.settings, roles, ...contextFiles } }, refusals, scripts }
}
