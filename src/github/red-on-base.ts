import { branchHead } from './branches.ts'
import { listCheckRuns, listStatuses } from './check-listing.ts'
import { GitHubError } from './errors.ts'
import { isFailing, newestRuns } from './newest-runs.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** Names of failing checks; what GitHub would not tell is in `unknown`, not an error. */
export interface Red {
  names: string[]
  unknown: string[]
}

/** Names of the checks that fail on a branch's newest commit; where they cannot be read, none is known to. */
export async function redOn(octokit: Octokit, repository: Repository, branch: string, ownAppId: number): Promise<Red> {
  try {
    const head = await branchHead(octokit, repository, branch)
    if (head === null) return { names: [], unknown: [] }
    const [runs, statuses] = await Promise.all([
      listCheckRuns(octokit, repository, head),
      listStatuses(octokit, repository, head),
    ])
    const newest = newestRuns(runs.filter((run) => run.appId !== ownAppId))
    const failing = [...newest, ...statuses].filter(({ conclusion }) => isFailing(conclusion))
    return { names: failing.map((each) => ('name' in each ? each.name : each.context)), unknown: [] }
  } catch (error) {
    if (error instanceof GitHubError && error.failure.cause === 'permission') {
      return { names: [], unknown: [`checks of ${branch} of ${fullNameOf(repository)}`] }
    }
    throw error
  }
}
