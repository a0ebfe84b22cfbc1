import { parse } from 'yaml'
import { notFound } from '../api-error.ts'
import { repositoryPage, repositoryUrl } from '../render/repositories.ts'
import { listTree, readBlob, resolveCommit } from '../state/git.ts'
import { nodeId } from '../state/model.ts'
import { integer } from './input.ts'
import { page } from './paging.ts'
import { type RepositoryCall, type Route, repositoryRoute } from './registry.ts'

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
  repositoryRoute('POST', '/actions/jobs/{job_id}/rerun', 'actions:write', ({ world, repository, params }) => {
    const run = repository.checkRuns.get(integer(params.job_id))
    if (!run || !world.rerunCi(repository, run)) throw notFound()
    return { status: 201, body: {} }
  }),
]

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
