/**
 * Starts a run, by label or by command: who asks, what the configuration says, which repositories it touches. Every
 * precondition is checked before anything is created (RUN-2), and every refusal says why and what to do.
 */
import { createHash } from 'node:crypto'
import { alreadyRunning, refusal } from '../../commands/answers.ts'
import { type Asked, type Authorisation, authorise } from '../../commands/authorise.ts'
import { commandOf } from '../../commands/registry.ts'
import type { Configuration } from '../../config/configuration.ts'
import { DEFAULT_PIPELINE } from '../../config/defaults.ts'
import { RunId } from '../../contract/ids.ts'
import { getIssue } from '../../github/issues.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { getPull } from '../../github/pull-requests.ts'
import { repositoryByName } from '../../github/repositories.ts'
import { newRun } from '../../pipeline/new-run.ts'
import type { Task, Trigger } from '../../pipeline/task.ts'
import type { Db } from '../../store/db.ts'
import { findLegByPull } from '../../store/run-legs.ts'
import { findLiveRun, getRun } from '../../store/runs.ts'
import { keepScripts } from '../../store/workflow-scripts.ts'
import type { Person, RepositoryHint, ThreadHint } from '../intents.ts'
import { keepSchedules } from '../schedules/keep.ts'
import { adoptedLegs, unfitForIssue, unfitForPull } from './adopt.ts'
import { currentConfiguration, describeBroken } from './configuration.ts'
import { eventKey, type Intake, type Source } from './intake.ts'
import { findLegs, workBranchName } from './legs.ts'
import { linkedOf } from './linked.ts'
import { unmergeableElsewhere } from './merges-alone.ts'
import { nothingLeft } from './payable.ts'
import { askerOf } from './permission.ts'
import { planStart } from './plan-start.ts'
import { statusLink } from './status-comment.ts'

/** Label that lets a run go first. */
export const PRIORITY_LABEL = 'priority'

/** A wish to start a run. */
export interface StartWish {
  installationId: number
  repository: RepositoryHint
  thread: 'issue' | 'pull'
  number: number
  pipeline: string | null
  /** Of a dynamic workflow that is named as the pipeline, as they were written. */
  args?: Readonly<Record<string, string>> | undefined
  issue: ThreadHint
  actor: Person
  trigger: Trigger
  /** As it was written: a label's name, or a command's line. */
  asked: string
}

export type StartOutcome = { started: true; run: RunId } | { started: false; text: string }

/** Starts it, or says why not. Called again for the same intent it finds the run that it started. */
export async function startRun(intake: Intake, octokit: Octokit, wish: StartWish, source: Source): Promise<StartOutcome> {
  const { store, engine, now } = intake
  const refuse = (why: string, remedy: string): StartOutcome => ({
    started: false,
    text: refusal({ login: wish.trigger.kind === 'schedule' ? null : wish.actor.login, asked: wish.asked, why, remedy }),
  })
  const id = runIdOf(source)
  const repository = repositoryOf(wish.repository.fullName)
  const config = await currentConfiguration(store, octokit, wish.repository)
  // A run that the clock began and that is over meanwhile: its fire is looked at again after a crash.
  if (wish.trigger.kind === 'schedule' && (await getRun(store.db, id)) !== null) return { started: true, run: id }
  const allowed = await mayStart(intake, octokit, wish, config.configuration)
  if (!allowed.allowed) return refuse(allowed.why, allowed.who)
  if (!config.ok) {
    return refuse(
      'the configuration is not good',
      `${describeBroken(config.broken)}\n\nMend it on the default branch, then start again.`,
    )
  }
  await keepSchedules(intake, wish, config.configuration)
  const [issue, pull] = await Promise.all([
    getIssue(octokit, repository, wish.number),
    wish.thread === 'pull' ? getPull(octokit, repository, wish.number) : null,
  ])
  const what = wish.thread === 'pull' ? 'pull request' : 'issue'
  if (issue?.state !== 'open') return refuse(`the ${what} is not open`, 'Reopen it, then start again.')

  const { prefix } = config.configuration.commands
  const refuseSecond = async (live: RunId): Promise<StartOutcome> => {
    const { why, remedy } = alreadyRunning(await statusLink(intake, live, wish.issue.url), prefix, what)
    return refuse(why, remedy)
  }
  const live = await liveRunOf(store.db, wish)
  if (live === id) return { started: true, run: id }
  if (live !== null) return refuseSecond(live)
  if (wish.trigger.kind === 'label' && !isOn(issue.labels, wish.trigger.label)) {
    // Taken off by Switchyard once the run began: its delivery comes again, and the run is over meanwhile.
    if ((await getRun(store.db, id)) !== null) return { started: true, run: id }
    return refuse('the label was taken off again before the run began', 'Put it on again to start one.')
  }
  const pipelineName = wish.pipeline ?? DEFAULT_PIPELINE
  const planned = await planStart(intake, octokit, repository, config.configuration, pipelineName, wish.args)
  const [refused] = planned.refusals
  if (refused !== undefined) return refuse(refused.why, refused.remedy)
  if (planned.plan === null) throw new Error('a start without a plan is refused')
  const unpaid = await nothingLeft(intake, planned.plan, payerOf(wish))
  if (unpaid !== null) return refuse(unpaid.why, unpaid.remedy)
  const info = await repositoryByName(octokit, repository)
  if (info?.id !== wish.repository.id)
    return refuse('the repository cannot be read', 'Check that the App is still installed on it.')
  const rules = config.configuration
  const unfit = pull === null ? unfitForIssue(planned.plan, rules) : unfitForPull(planned.plan, rules, pull, info)
  if (unfit !== null) return refuse(unfit.why, unfit.remedy)
  const lookup = { app: intake.github.app, octokit, installationId: wish.installationId }
  const legs = await findLegs(lookup, info, planned.plan.peers, workBranchName(id, wish.number, wish.issue.title))
  if (!legs.ok) return refuse(legs.why, legs.remedy)
  const alone = await unmergeableElsewhere(intake, octokit, wish, planned.plan, legs.legs, rules)
  if (alone !== null) return refuse(alone.why, alone.remedy)

  const { pipeline, steps } = planned.plan
  const workflows = await keepScripts(store.db, planned.scripts)
  const settings = { ...planned.plan.settings, ...(Object.keys(workflows).length === 0 ? {} : { workflows }) }
  const taken = pull === null ? legs.legs : adoptedLegs(legs.legs, pull, steps)
  const unlinked = taskOf(wish, info.fullName)
  const linked = await linkedOf(
    { octokit, log: intake.log },
    unlinked,
    legs.legs.map(({ repository: name }) => name),
  )
  const run = newRun({ id, task: { ...unlinked, linked }, pipeline, steps, settings, legs: taken }, now())
  const priority = issue.labels.includes(PRIORITY_LABEL)
  const created = await engine.create(run, { priority, text: `${wish.actor.login} started it with ${wish.asked}` })
  if (created.created || created.live === id) return { started: true, run: id }
  return refuseSecond(created.live)
}

/** The clock needs no role: what is scheduled stands on the default branch, where only those get it who may merge there. */
async function mayStart(intake: Intake, octokit: Octokit, wish: StartWish, rules: Configuration): Promise<Authorisation> {
  if (wish.trigger.kind === 'schedule') return { allowed: true }
  const command = commandOf('run')
  if (command === undefined) throw new Error('the command run is not registered')
  const asked: Asked = wish.trigger.kind === 'label' ? 'label' : command
  const repository = repositoryOf(wish.repository.fullName)
  return authorise(asked, await askerOf(intake, octokit, repository, wish.actor, null, { asked, rules }), rules)
}

function isOn(labels: readonly string[], label: string): boolean {
  return labels.some((name) => name.toLowerCase() === label.toLowerCase())
}

/** The live run of the thread; a pull request can be one that the run of an issue works on. */
export async function liveRunOf(
  db: Db,
  { thread, repository, number }: Pick<StartWish, 'thread' | 'repository' | 'number'>,
): Promise<RunId | null> {
  const own = await findLiveRun(db, repository.id, number)
  return own ?? (thread === 'pull' ? ((await findLegByPull(db, repository.id, number))?.runId ?? null) : null)
}

/** The same intent always gives the same run: interpreted again after a crash, it does not start a second one. */
function runIdOf(source: Source): RunId {
  const digest = createHash('sha256').update(eventKey(source)).digest()
  const letters = [...digest.subarray(0, 8)].map((byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte % 32] ?? 'a')
  return RunId.parse(letters.join(''))
}

/** Whose budgets a start would count against. */
export function payerOf({ installationId, repository, actor }: Pick<StartWish, 'installationId' | 'repository' | 'actor'>) {
  return { installationId, repositoryId: repository.id, requestedBy: { login: actor.login, id: actor.id } }
}

/** The task, frozen as it is now: later edits do not reach an agent. */
function taskOf(wish: StartWish, repository: string): Omit<Task, 'linked'> {
  return {
    installationId: wish.installationId,
    repositoryId: wish.repository.id,
    repository,
    thread: wish.thread,
    number: wish.number,
    url: wish.issue.url,
    title: wish.issue.title,
    body: wish.issue.body,
    author: wish.issue.author,
    requestedBy: { login: wish.actor.login, id: wish.actor.id },
  }
}
