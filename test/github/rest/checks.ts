import { ApiError } from '../api-error.ts'
import { annotationsJson, checkRunJson, checkSuiteJson } from '../render/checks.ts'
import { statusJson } from '../render/commits.ts'
import { repositoryJson, repositoryUrl } from '../render/repositories.ts'
import {
  type CheckRunInput,
  createCheckRun,
  createStatus,
  findCheckRun,
  findSuite,
  rerequestRun,
  rerequestSuite,
  updateCheckRun,
} from '../state/checks.ts'
import { branchesAt } from '../state/git.ts'
import { latestRuns } from '../state/mergeability.ts'
import type { Annotation, CheckAction, CheckRun } from '../state/model.ts'
import { actorOf } from './actor.ts'
import { commitOf } from './git-data.ts'
import { integer, nullableText, optionalChoice, optionalList, optionalObject, optionalText, text } from './input.ts'
import { page } from './paging.ts'
import { ok, type Reply, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

const CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'] as const
const MOST_ANNOTATIONS = 50
const MOST_ACTIONS = 3
const LONGEST_OUTPUT = 65_535

/** https://docs.github.com/rest/checks and https://docs.github.com/rest/commits/statuses */
export const checkRoutes: Route[] = [
  repositoryRoute('POST', '/check-runs', 'checks:write', async (call) => {
    const { world, repository, body, app } = call
    const sha = await commitOf(call, text(body, 'head_sha'))
    const branch = await branchOf(call, sha)
    const run = createCheckRun(world, repository, app, sha, branch, { ...inputOf(call), name: text(body, 'name') })
    return ok(checkRunJson(world, repository, run), 201)
  }),
  repositoryRoute('GET', '/check-runs/{check_run_id}', 'checks:read', (call) =>
    ok(checkRunJson(call.world, call.repository, checkOf(call))),
  ),
  repositoryRoute('PATCH', '/check-runs/{check_run_id}', 'checks:write', (call) => {
    const run = checkOf(call)
    if (run.suite.app !== call.app)
      throw new ApiError(
        403,
        `Invalid app_id \`${run.suite.app.id}\` - check run can only be modified by the GitHub App that created it.`,
      )
    updateCheckRun(call.world, call.repository, run, inputOf(call))
    return ok(checkRunJson(call.world, call.repository, run))
  }),
  repositoryRoute('GET', '/check-runs/{check_run_id}/annotations', 'checks:read', (call) =>
    page(call, annotationsJson(call.world, call.repository, checkOf(call)), (one) => one),
  ),
  repositoryRoute('POST', '/check-runs/{check_run_id}/rerequest', 'checks:write', (call) => {
    const run = checkOf(call)
    // Whoever wants another App's check again asks that App: for GitHub's own CI there is the re-run of its jobs.
    if (run.suite.app !== call.app) throw new ApiError(403, 'This check run is not rerequestable')
    rerequestRun(call.world, call.repository, run, actorOf(call))
    return ok({}, 201)
  }),
  repositoryRoute('GET', '/commits/{ref}/check-runs', 'checks:read', async (call) => {
    const sha = await commitOf(call, call.params.ref)
    return listRuns(
      call,
      [...call.repository.checkRuns.values()].filter((run) => run.headSha === sha),
    )
  }),
  repositoryRoute('GET', '/check-suites/{check_suite_id}', 'checks:read', async (call) =>
    ok(await checkSuiteJson(call.world, call.repository, findSuite(call.repository, integer(call.params.check_suite_id)))),
  ),
  repositoryRoute('GET', '/check-suites/{check_suite_id}/check-runs', 'checks:read', (call) => {
    const suite = findSuite(call.repository, integer(call.params.check_suite_id))
    return listRuns(
      call,
      [...call.repository.checkRuns.values()].filter((run) => run.suite === suite),
    )
  }),
  repositoryRoute('POST', '/check-suites/{check_suite_id}/rerequest', 'checks:write', (call) => {
    const suite = findSuite(call.repository, integer(call.params.check_suite_id))
    rerequestSuite(call.world, call.repository, suite, actorOf(call))
    for (const run of latestRuns([...call.repository.checkRuns.values()].filter((one) => one.suite === suite))) {
      call.world.rerunCi(call.repository, run)
    }
    return ok({}, 201)
  }),
  repositoryRoute('GET', '/commits/{ref}/check-suites', 'checks:read', async (call) => {
    const sha = await commitOf(call, call.params.ref)
    const appId = call.query.get('app_id')
    const suites = [...call.repository.checkSuites.values()].filter(
      (suite) => suite.headSha === sha && (appId === null || suite.app.id === Number(appId)),
    )
    return page(
      call,
      suites,
      (suite) => checkSuiteJson(call.world, call.repository, suite),
      (check_suites, total_count) => ({ total_count, check_suites }),
    )
  }),
  repositoryRoute('POST', '/statuses/{sha}', 'statuses:write', async (call) => {
    const { world, repository, body } = call
    const sha = await commitOf(call, call.params.sha)
    const state = optionalChoice(body, 'state', ['error', 'failure', 'pending', 'success'])
    if (state === undefined) throw new ApiError(422, 'Invalid request.\n\n"state" wasn\'t supplied.')
    const input = {
      state,
      context: optionalText(body, 'context'),
      description: nullableText(body, 'description'),
      targetUrl: nullableText(body, 'target_url'),
    }
    return ok(statusJson(world, repository, await createStatus(world, repository, sha, input, actorOf(call))), 201)
  }),
  repositoryRoute('GET', '/commits/{ref}/statuses', 'statuses:read', async (call) => {
    const sha = await commitOf(call, call.params.ref)
    const found = call.repository.statuses.filter((status) => status.sha === sha).reverse()
    return page(call, found, (status) => statusJson(call.world, call.repository, status))
  }),
  repositoryRoute('GET', '/commits/{ref}/status', 'statuses:read', async (call) => {
    const { world, repository } = call
    const sha = await commitOf(call, call.params.ref)
    const latest = [...new Map(repository.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one])).values()]
    const states = latest.map((one) => one.state)
    const failed = states.includes('failure') || states.includes('error')
    const state = failed ? 'failure' : states.length === 0 || states.includes('pending') ? 'pending' : 'success'
    const url = `${repositoryUrl(world, repository)}/commits/${sha}`
    return page(
      call,
      latest,
      (status) => statusJson(world, repository, status),
      (statuses, total_count) => ({
        state,
        statuses,
        sha,
        total_count,
        repository: repositoryJson(world, repository),
        commit_url: url,
        url: `${url}/status`,
      }),
    )
  }),
]

function checkOf(call: RepositoryCall): CheckRun {
  return findCheckRun(call.repository, integer(call.params.check_run_id))
}

async function branchOf(call: RepositoryCall, sha: string): Promise<string | null> {
  return (await branchesAt(call.repository.dir, sha))[0] ?? null
}

function listRuns(call: RepositoryCall, all: CheckRun[]): Promise<Reply> {
  const { query } = call
  const name = query.get('check_name')
  const status = query.get('status')
  const appId = query.get('app_id')
  const found = (query.get('filter') === 'all' ? all.toReversed() : latestRuns(all)).filter(
    (run) =>
      (name === null || run.name === name) &&
      (status === null || run.status === status) &&
      (appId === null || run.suite.app.id === Number(appId)),
  )
  return page(
    call,
    found,
    (run) => checkRunJson(call.world, call.repository, run),
    (check_runs, total_count) => ({ total_count, check_runs }),
  )
}

function inputOf({ body }: RepositoryCall): CheckRunInput {
  const output = optionalObject(body, 'output')
  const annotations = (output && optionalList(output, 'annotations')) ?? []
  const actions = optionalList(body, 'actions')
  if (annotations.length > MOST_ANNOTATIONS)
    throw new ApiError(422, `Invalid request.\n\nNo more than ${MOST_ANNOTATIONS} annotations.`)
  if (actions && actions.length > MOST_ACTIONS)
    throw new ApiError(422, `Invalid request.\n\nNo more than ${MOST_ACTIONS} actions.`)
  return {
    name: optionalText(body, 'name'),
    detailsUrl: optionalText(body, 'details_url'),
    externalId: optionalText(body, 'external_id'),
    status: optionalChoice(body, 'status', ['queued', 'in_progress', 'completed']),
    conclusion: optionalChoice(body, 'conclusion', CONCLUSIONS),
    startedAt: optionalText(body, 'started_at'),
    completedAt: optionalText(body, 'completed_at'),
    actions: actions?.map(actionOf),
    ...(output
      ? {
          output: {
            title: text(output, 'title'),
            summary: short(output, 'summary'),
            ...(output.text === undefined ? {} : { text: short(output, 'text') }),
            annotations: annotations as Partial<Annotation>[],
          },
        }
      : {}),
  }
}

function short(output: Record<string, unknown>, field: 'summary' | 'text'): string {
  const value = text(output, field)
  if (value.length > LONGEST_OUTPUT)
    throw new ApiError(422, `Only ${LONGEST_OUTPUT} characters are allowed; ${value.length} were supplied.`)
  return value
}

const ACTION_LENGTHS = { label: 20, description: 40, identifier: 20 } as const

function actionOf(value: unknown): CheckAction {
  const given = typeof value === 'object' && value !== null ? { ...value } : {}
  const field = (name: keyof typeof ACTION_LENGTHS) => {
    const found = text(given, name)
    if (found.length > ACTION_LENGTHS[name])
      throw new ApiError(422, `Invalid request.\n\n"${name}" is too long (${ACTION_LENGTHS[name]}).`)
    return found
  }
  return { label: field('label'), description: field('description'), identifier: field('identifier') }
}
