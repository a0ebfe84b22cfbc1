import type { HeadSha } from '../../contract/ids.ts'
import { listCheckRuns, listStatuses } from '../../github/check-listing.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'

/** How the checks of a head stand, but for the App's own, as a text that changes when they do. */
export async function checksDigest(octokit: Octokit, repository: string, head: HeadSha, appId: number): Promise<string> {
  const where = repositoryOf(repository)
  const [runs, statuses] = await Promise.all([listCheckRuns(octokit, where, head), listStatuses(octokit, where, head)])
  return [
    ...runs.filter((run) => run.appId !== appId).map(({ id, name, conclusion }) => `${id} ${name} ${conclusion}`),
    ...statuses.map(({ context, conclusion }) => `${context} ${conclusion}`),
  ]
    .toSorted()
    .join('\n')
}
