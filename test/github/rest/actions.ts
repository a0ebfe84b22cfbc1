import { parse } from 'yaml'
import { ApiError, notFound } from '../api-error.ts'
import { repositoryPage, repositoryUrl } from '../render/repositories.ts'
import { findSuite } from '../state/checks.ts'
import { listTree, readBlob, resolveCommit } from '../state/git.ts'
import { latestRuns } from '../state/mergeability.ts'
import { type CheckRun, type CheckSuite, nodeId, type Repository } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { integer } from './input.ts'
import { page } from './paging.ts'
import { ok, type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

/** https://docs.github.com/rest/actions: the workflows that there are, and the logs of the CI's jobs. */
export const actionRoutes: Route[] = [
  repositoryRoute('GET', '/actions/workflows', 'actions:read', async (call) =>
    page(
      call,
      await workflowsOf(call),
      (one) => one,
      (workflows, total_count) => ({ total_count, workflows }),
    ),
  ),
  // A job has the id of its check run, as on GitHub.
  repositoryRoute('GET', '/actions/jobs/{job_id}/logs', 'actions:read', ({ world, repository, params }) => {
    const run = repository.checkRuns.get(integer(params.job_id))
    if (!run || run.log === null) throw notFound()
    return { status: 302, headers: { location: `${world.url}/_logs/${repository.id}/${run.id}` } }
  }),
  repositoryRoute('GET', '/actions/jobs/{job_id}', 'actions:read', ({ world, repository, params }) =>
    ok(jobJson(world, repository, jobOf(repository, params.job_id))),
  ),
  repositoryRoute('POST', '/actions/jobs/{job_id}/rerun', 'actions:write', ({ world, repository, params }) => {
    const run = jobOf(repository, params.job_id)
    refuseWhileRunning(run.suite)
    world.rerunCi(repository, run)
    return { status: 201, body: {} }
  }),
  // The jobs of one commit are one workflow run here, with the id of their check suite.
  repositoryRoute('POST', '/actions/runs/{run_id}/rerun-failed-jobs', 'actions:write', ({ world, repository, params }) => {
    const suite = findSuite(repository, integer(params.run_id))
    if (suite.app.slug !== ACTIONS) throw notFound()
    refuseWhileRunning(suite)
    const jobs = latestRuns([...repository.checkRuns.values()].filter((run) => run.suite === suite))
    const failed = jobs.filter(({ conclusion }) => conclusion !== 'success' && conclusion !== 'skipped')
    if (failed.length === 0) throw new ApiError(403, 'This workflow run has no failed jobs')
    for (const run of failed) world.rerunCi(repository, run)
    return { status: 201, body: {} }
  }),
]

/** The App that the CI reports as. */
const ACTIONS = 'github-actions'

function jobOf(repository: Repository, id: string | undefined): CheckRun {
  const run = repository.checkRuns.get(integer(id))
  if (run?.suite.app.slug !== ACTIONS) throw notFound()
  return run
}

function refuseWhileRunning(suite: CheckSuite): void {
  if (suite.status !== 'completed') throw new ApiError(403, 'This workflow is already running')
}

function jobJson(world: World, repository: Repository, run: CheckRun) {
  const api = repositoryUrl(world, repository)
  const attempts = [...repository.checkRuns.values()].filter(({ suite, name }) => suite === run.suite && name === run.name)
  return {
    id: run.id,
    run_id: run.suite.id,
    run_url: `${api}/actions/runs/${run.suite.id}`,
    run_attempt: attempts.indexOf(run) + 1,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    url: `${api}/actions/jobs/${run.id}`,
    html_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    created_at: run.startedAt,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    name: run.name,
    check_run_url: `${api}/check-runs/${run.id}`,
    labels: [],
    runner_id: null,
    runner_name: null,
    runner_group_id: null,
    runner_group_name: null,
    workflow_name: null,
    head_branch: run.suite.headBranch,
  }
}

async function workflowsOf({ world, repository }: RepositoryCall) {
  const head = await resolveCommit(repository.dir, `refs/heads/${repository.defaultBranch}`)
  if (head === null) return []
  const entries = await listTree(repository.dir, head, '.github/workflows/')
  const files = entries.filter((entry) => /\.ya?ml$/.test(entry.path))
  return Promise.all(
    files.map(async (entry, index) => {
      const id = repository.id * 1_000 + index
      const workflow: unknown = parse((await readBlob(repository.dir, entry.sha)).toString('utf8'))
      const named = typeof workflow === 'object' && workflow !== null && 'name' in workflow ? String(workflow.name) : entry.path
      return {
        id,
        node_id: nodeId('W', id),
        name: named,
        path: entry.path,
        state: 'active',
        created_at: repository.createdAt,
        updated_at: repository.createdAt,
        url: `${repositoryUrl(world, repository)}/actions/workflows/${id}`,
        html_url: `${repositoryPage(world, repository)}/blob/${repository.defaultBranch}/${entry.path}`,
        badge_url: `${repositoryPage(world, repository)}/workflows/${encodeURIComponent(named)}/badge.svg`,
      }
    }),
  )
}
