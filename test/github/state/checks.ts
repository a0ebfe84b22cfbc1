/** Check suites, check runs and commit statuses. */
import { ApiError, notFound } from '../api-error.ts'
import { webhookCheckRunJson, webhookCheckSuiteJson } from '../render/checks.ts'
import { commitJson } from '../render/commits.ts'
import { emit } from '../webhooks/emit.ts'
import { branchesAt, readCommit } from './git.ts'
import { allows, covers } from './grants.ts'
import { latestRuns } from './mergeability.ts'
import type { Actor, Annotation, App, CheckRun, CheckSuite, CommitStatus, Repository } from './model.ts'
import { timestamp, type World } from './world.ts'

export function botOf(app: App): Actor {
  return { user: app.bot, app }
}

/** Each installed App that may write checks gets a suite for a pushed commit, whether it reports anything or not. */
export function openSuites(world: World, repository: Repository, branch: string, sha: string, before: string): void {
  for (const installation of world.installations.values()) {
    if (!covers(installation, repository) || !allows(installation.permissions, 'checks', 'write')) continue
    const suite = suiteFor(world, repository, installation.app, sha, branch, before)
    tellSuite(world, repository, suite, 'requested', { only: suite.app })
  }
}

export function suiteFor(
  world: World,
  repository: Repository,
  app: App,
  sha: string,
  branch: string | null,
  before: string | null = null,
): CheckSuite {
  const found = [...repository.checkSuites.values()].find((suite) => suite.app === app && suite.headSha === sha)
  if (found) return found
  const at = timestamp(world)
  const suite: CheckSuite = {
    id: world.nextId(),
    app,
    headBranch: branch,
    headSha: sha,
    before,
    status: 'queued',
    conclusion: null,
    createdAt: at,
    updatedAt: at,
  }
  repository.checkSuites.set(suite.id, suite)
  return suite
}

export interface CheckRunInput {
  name?: string | undefined
  detailsUrl?: string | undefined
  externalId?: string | undefined
  status?: CheckRun['status'] | undefined
  conclusion?: CheckRun['conclusion'] | undefined
  startedAt?: string | undefined
  completedAt?: string | undefined
  output?: { title?: string; summary?: string; text?: string; annotations?: Partial<Annotation>[] } | undefined
  actions?: CheckRun['actions'] | undefined
}

export function createCheckRun(
  world: World,
  repository: Repository,
  app: App,
  sha: string,
  branch: string | null,
  input: CheckRunInput & { name: string },
): CheckRun {
  const run: CheckRun = {
    id: world.nextId(),
    suite: suiteFor(world, repository, app, sha, branch),
    name: input.name,
    headSha: sha,
    externalId: '',
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: timestamp(world),
    completedAt: null,
    output: { title: null, summary: null, text: null, annotations: [] },
    actions: [],
    updates: 0,
    log: null,
  }
  repository.checkRuns.set(run.id, run)
  change(world, run, input)
  emit(world, repository, 'check_run', 'created', botOf(app), { check_run: webhookCheckRunJson(world, repository, run) })
  if (run.status === 'completed') completed(world, repository, run)
  else updateSuite(world, repository, run.suite)
  return run
}

export function updateCheckRun(world: World, repository: Repository, run: CheckRun, input: CheckRunInput): void {
  const before = run.status
  run.updates += 1
  change(world, run, input)
  if (run.status === 'completed' && before !== 'completed') completed(world, repository, run)
  else updateSuite(world, repository, run.suite)
}

function change(world: World, run: CheckRun, input: CheckRunInput): void {
  run.name = input.name ?? run.name
  run.detailsUrl = input.detailsUrl ?? run.detailsUrl
  run.externalId = input.externalId ?? run.externalId
  run.startedAt = input.startedAt ?? run.startedAt
  run.actions = input.actions ?? run.actions
  // A conclusion completes the run, and a run set back to work loses its conclusion.
  run.status = input.conclusion ? 'completed' : (input.status ?? run.status)
  run.conclusion = run.status === 'completed' ? (input.conclusion ?? run.conclusion) : null
  run.completedAt = run.status === 'completed' ? (input.completedAt ?? run.completedAt ?? timestamp(world)) : null
  if (run.status === 'completed' && run.conclusion === null) {
    throw new ApiError(422, 'Invalid request.\n\nFor \'properties/status\', "completed" needs a conclusion.')
  }
  if (!input.output) return
  run.output.title = input.output.title ?? run.output.title
  run.output.summary = input.output.summary ?? run.output.summary
  run.output.text = input.output.text ?? run.output.text
  for (const one of input.output.annotations ?? []) {
    run.output.annotations.push({
      path: one.path ?? '',
      start_line: one.start_line ?? 1,
      end_line: one.end_line ?? 1,
      annotation_level: one.annotation_level ?? 'notice',
      message: one.message ?? '',
      title: one.title ?? null,
      raw_details: one.raw_details ?? null,
    })
  }
}

function completed(world: World, repository: Repository, run: CheckRun): void {
  emit(world, repository, 'check_run', 'completed', botOf(run.suite.app), {
    check_run: webhookCheckRunJson(world, repository, run),
  })
  updateSuite(world, repository, run.suite)
  world.settle(repository)
}

const WORST = [
  'action_required',
  'timed_out',
  'cancelled',
  'failure',
  'startup_failure',
  'stale',
  'success',
  'neutral',
  'skipped',
] as const

function updateSuite(world: World, repository: Repository, suite: CheckSuite): void {
  const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.suite === suite))
  const before = suite.status
  const done = runs.every((run) => run.status === 'completed')
  suite.status = done ? 'completed' : runs.some((run) => run.status !== 'queued') ? 'in_progress' : 'queued'
  suite.conclusion = done ? (WORST.find((one) => runs.some((run) => run.conclusion === one)) ?? 'neutral') : null
  suite.updatedAt = timestamp(world)
  if (suite.status === 'completed' && before !== 'completed') tellSuite(world, repository, suite, 'completed')
}

function tellSuite(
  world: World,
  repository: Repository,
  suite: CheckSuite,
  action: 'requested' | 'rerequested' | 'completed',
  options: { only?: App } = {},
  actor: Actor = botOf(suite.app),
): void {
  const telling = webhookCheckSuiteJson(world, repository, suite).then((check_suite) =>
    emit(world, repository, 'check_suite', action, actor, { check_suite }, options),
  )
  world.activity.track(telling)
}

export function findCheckRun(repository: Repository, id: number): CheckRun {
  const run = repository.checkRuns.get(id)
  if (!run) throw notFound()
  return run
}

export function findSuite(repository: Repository, id: number): CheckSuite {
  const suite = repository.checkSuites.get(id)
  if (!suite) throw notFound()
  return suite
}

/** Asks the check's own App to run it again. */
export function rerequestRun(world: World, repository: Repository, run: CheckRun, actor: Actor): void {
  run.status = 'queued'
  run.conclusion = null
  run.completedAt = null
  updateSuite(world, repository, run.suite)
  const check_run = webhookCheckRunJson(world, repository, run)
  emit(world, repository, 'check_run', 'rerequested', actor, { check_run }, { only: run.suite.app })
}

export function rerequestSuite(world: World, repository: Repository, suite: CheckSuite, actor: Actor): void {
  suite.status = 'queued'
  suite.conclusion = null
  tellSuite(world, repository, suite, 'rerequested', { only: suite.app }, actor)
}

/** A person clicks a button that the check run offers. */
export function requestAction(world: World, repository: Repository, run: CheckRun, identifier: string, actor: Actor): void {
  if (!run.actions.some((action) => action.identifier === identifier))
    throw new Error(`${run.name} has no button ${identifier}`)
  const check_run = webhookCheckRunJson(world, repository, run)
  const payload = { check_run, requested_action: { identifier } }
  emit(world, repository, 'check_run', 'requested_action', actor, payload, { only: run.suite.app })
}

export interface NewStatus {
  state: CommitStatus['state']
  context?: string | undefined
  description?: string | null | undefined
  targetUrl?: string | null | undefined
}

export async function createStatus(
  world: World,
  repository: Repository,
  sha: string,
  input: NewStatus,
  actor: Actor,
): Promise<CommitStatus> {
  const at = timestamp(world)
  const commit = await readCommit(repository.dir, sha)
  const status: CommitStatus = {
    id: world.nextId(),
    sha,
    state: input.state,
    context: input.context ?? 'default',
    description: input.description ?? null,
    targetUrl: input.targetUrl ?? null,
    creator: actor.user,
    createdAt: at,
    updatedAt: at,
  }
  repository.statuses.push(status)
  const heads = await branchesAt(repository.dir, sha)
  const json = commitJson(world, repository, commit)
  emit(world, repository, 'status', null, actor, {
    id: status.id,
    sha,
    name: `${repository.owner.login}/${repository.name}`,
    avatar_url: `${world.url}/avatars/${actor.user.id}`,
    target_url: status.targetUrl,
    context: status.context,
    description: status.description,
    state: status.state,
    commit: json,
    branches: heads.map((name) => ({ name, commit: { sha, url: json.url }, protected: repository.protections.has(name) })),
    created_at: at,
    updated_at: at,
  })
  world.settle(repository)
  return status
}
