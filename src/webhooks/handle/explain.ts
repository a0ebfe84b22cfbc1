/** `/yard explain [pipeline]` and the label `switchyard:explain`: what a start would do, and what would refuse it (CMD-11). */
import { alreadyRunning } from '../../commands/answers.ts'
import { authorise } from '../../commands/authorise.ts'
import { commandOf } from '../../commands/registry.ts'
import type { Configuration } from '../../config/configuration.ts'
import { DEFAULT_PIPELINE } from '../../config/defaults.ts'
import { liveRunLimits, type RunPlan } from '../../config/settings.ts'
import { RunId } from '../../contract/ids.ts'
import { getIssue } from '../../github/issues.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { getPull } from '../../github/pull-requests.ts'
import { repositoryByName } from '../../github/repositories.ts'
import { type ExplainedLeg, renderExplanation } from '../../render/explain.ts'
import { adoptedLegs, unfitForIssue, unfitForPull } from './adopt.ts'
import { currentConfiguration, describeBroken } from './configuration.ts'
import type { Intake } from './intake.ts'
import { findLegs, workBranchName } from './legs.ts'
import { rolesOfSteps } from './live-runtimes.ts'
import { unmergeableElsewhere } from './merges-alone.ts'
import { monthsOf, nothingLeft } from './payable.ts'
import { askerOf } from './permission.ts'
import { planStart, type Refusal } from './plan-start.ts'
import { liveRunOf, payerOf, type StartWish } from './start-run.ts'
import { statusLink } from './status-comment.ts'

/** The label that asks for an explanation, behind the start label's colon; no pipeline can be started by it. */
export const EXPLAIN = 'explain'

/** Stands for the run that is not made, where a branch name needs one. */
const NO_RUN = RunId.parse('none')

/** The answer: everything that a start would look at is looked at, and nothing is written. */
export async function explain(intake: Intake, octokit: Octokit, wish: Omit<StartWish, 'asked'>): Promise<string> {
  const { store, deployment } = intake
  const repository = repositoryOf(wish.repository.fullName)
  const pipeline = wish.pipeline ?? DEFAULT_PIPELINE
  const config = await currentConfiguration(store, octokit, wish.repository)
  const rules = config.configuration
  const [first, { plan, refusals }] = await Promise.all([
    outside(intake, octokit, wish, rules),
    planStart(intake, octokit, repository, rules, pipeline),
  ])
  const legs = plan === null ? null : await legsOf(intake, octokit, wish, plan, rules)
  const unpaid = plan === null ? null : await nothingLeft(intake, plan, payerOf(wish))
  const months = plan === null ? [] : await monthsOf(intake, plan, payerOf(wish))
  const broken = config.ok ? [] : [{ why: 'the configuration is not good', remedy: describeBroken(config.broken) }]
  return renderExplanation({
    login: wish.actor.login,
    pipeline,
    plan,
    roles: plan === null ? [] : rolesOfSteps(plan.steps),
    legs: legs?.explained ?? [],
    people: {
      start: rules.start.permissions,
      starters: rules.start.people,
      approve: rules.approve.permissions,
      approvers: rules.approve.people,
      codeOwners: rules.approve.codeOwners,
      notRequester: rules.approve.notRequester,
      merge: rules.merge.permissions,
    },
    limits: liveRunLimits(rules, deployment),
    months,
    refusals: [...broken, ...first, ...refusals, ...(unpaid === null ? [] : [unpaid]), ...(legs?.refusals ?? [])],
    prefix: rules.commands.prefix,
  })
}

/** What would refuse it whatever the pipeline: who asks, the thread's state, a run that is live. */
async function outside(
  intake: Intake,
  octokit: Octokit,
  wish: Omit<StartWish, 'asked'>,
  rules: Configuration,
): Promise<Refusal[]> {
  const repository = repositoryOf(wish.repository.fullName)
  const command = commandOf('run')
  if (command === undefined) throw new Error('the command run is not registered')
  const asked = wish.trigger.kind === 'label' ? 'label' : command
  const [asker, issue, live] = await Promise.all([
    askerOf(intake, octokit, repository, wish.actor, null, { asked, rules }),
    getIssue(octokit, repository, wish.number),
    liveRunOf(intake.store.db, wish),
  ])
  const what = wish.thread === 'pull' ? 'pull request' : 'issue'
  const allowed = authorise(asked, asker, rules)
  const refusals: Refusal[] = []
  if (!allowed.allowed) refusals.push({ why: allowed.why, remedy: allowed.who })
  if (issue?.state !== 'open') refusals.push({ why: `the ${what} is not open`, remedy: 'Reopen it.' })
  if (live !== null) {
    refusals.push(alreadyRunning(await statusLink(intake, live, wish.issue.url), rules.commands.prefix, what))
  }
  return refusals
}

interface LegsFound {
  explained: ExplainedLeg[]
  refusals: Refusal[]
}

/** The repositories as a start would find them; where it would not find them, as the configuration names them. */
async function legsOf(
  { github, log }: Intake,
  octokit: Octokit,
  wish: Omit<StartWish, 'asked'>,
  plan: RunPlan,
  rules: Configuration,
): Promise<LegsFound> {
  const repository = repositoryOf(wish.repository.fullName)
  const [info, pull] = await Promise.all([
    repositoryByName(octokit, repository),
    wish.thread === 'pull' ? getPull(octokit, repository, wish.number) : null,
  ])
  const unfit = info === null ? null : pull === null ? unfitForIssue(plan, rules) : unfitForPull(plan, rules, pull, info)
  const refusals = unfit === null ? [] : [unfit]
  const lookup = { app: github.app, octokit, installationId: wish.installationId }
  const branch = workBranchName(NO_RUN, wish.number, wish.issue.title)
  const found = info === null ? null : await findLegs(lookup, info, plan.peers, branch)
  if (found?.ok) {
    const explained = pull === null ? found.legs : adoptedLegs(found.legs, pull, plan.steps)
    const alone = await unmergeableElsewhere({ log }, octokit, wish, plan, explained, rules)
    return { explained, refusals: alone === null ? refusals : [...refusals, alone] }
  }
  const primary = { repository: wish.repository.fullName, role: 'primary', access: 'write', baseBranch: null } as const
  const remedy = 'Check that the App is still installed on it.'
  return {
    explained: [primary, ...plan.peers.map((peer) => ({ ...peer, baseBranch: null }))],
    refusals: [...refusals, found === null ? { why: 'the repository cannot be read', remedy } : found],
  }
}
