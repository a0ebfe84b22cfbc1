import type { HeadSha } from '../contract/ids.ts'
import { isActions } from './check-evidence.ts'
import { type ListedCheckRun, listCheckRuns } from './check-listing.ts'
import { ask, GitHubError } from './errors.ts'
import { isFailing, newestRuns } from './newest-runs.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** What became of the wish to run checks again. */
export interface Rerun {
  /** Checks that run again now. */
  rerun: number
  /** Why others do not, as sentences for people. */
  refused: string[]
}

/**
 * Has failing jobs of GitHub Actions run again, those of one workflow run together: while one of them runs GitHub starts
 * no other. Checks of other Apps cannot be asked for. One that runs again already counts, so that a second call after a
 * lost answer starts nothing twice.
 *
 * A missing permission (`actions: write`) is said in `refused`; it is no error.
 *
 * @throws GitHubError
 * @see https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-job-from-a-workflow-run
 * @see https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run
 */
export async function rerunChecks(
  octokit: Octokit,
  repository: Repository,
  wanted: { head: HeadSha; names: readonly string[] },
): Promise<Rerun> {
  const listed = await listCheckRuns(octokit, repository, wanted.head)
  const named = newestRuns(listed).filter(({ name }) => wanted.names.includes(name))
  const result: Rerun = { rerun: named.filter(({ conclusion }) => conclusion === 'pending').length, refused: [] }
  const failing = named.filter(({ conclusion }) => isFailing(conclusion))
  const foreign = failing.filter((run) => !isActions(run))
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => name).join(', ')
    result.refused.push(`${names}: only jobs of GitHub Actions can be run again`)
  }
  for (const jobs of bySuite(failing.filter(isActions))) {
    const names = jobs.map(({ name }) => name).join(', ')
    try {
      await rerunJobs(octokit, repository, jobs, names)
      result.rerun += jobs.length
    } catch (error) {
      if (!(error instanceof GitHubError) || error.failure.cause !== 'permission') throw error
      result.refused.push(`${names}: ${error.failure.message}`)
    }
  }
  return result
}

/** A workflow run has one check suite. */
function bySuite(runs: readonly ListedCheckRun[]): ListedCheckRun[][] {
  return [...Map.groupBy(runs, ({ suiteId }) => suiteId).values()]
}

async function rerunJobs(octokit: Octokit, repository: Repository, jobs: ListedCheckRun[], names: string): Promise<void> {
  const [first] = jobs
  if (first === undefined) return
  await ask(`run ${names} of ${fullNameOf(repository)} again`, async () => {
    if (jobs.length === 1) {
      await octokit.rest.actions.reRunJobForWorkflowRun({ ...repository, job_id: first.id })
      return
    }
    const { data } = await octokit.rest.actions.getJobForWorkflowRun({ ...repository, job_id: first.id })
    await octokit.rest.actions.reRunWorkflowFailedJobs({ ...repository, run_id: data.run_id })
  })
}
