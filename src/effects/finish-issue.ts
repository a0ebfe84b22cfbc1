import { failureOf } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { deleteBranch } from '../github/branches.ts'
import { closeIssue } from '../github/issues.ts'
import { repositoryOf } from '../github/octokit.ts'
import { getPull, markReady } from '../github/pull-requests.ts'
import { changedLegs, isAdopted } from '../pipeline/state.ts'
import type { GitHubEffects } from './dependencies.ts'
import { deleteCallBranches } from './workflow/call-branches.ts'

/**
 * After the last merge: the issue is closed (its summary is the status comment) and the merged work branches go. Where
 * people are to merge, the pull requests are taken out of draft. In both cases the branches of calls go that are collected.
 */
export function finishIssue(dependencies: GitHubEffects): EffectHandler<'finish-issue'> {
  const { github, log } = dependencies
  return async (_effect, run) => {
    if (run.status.state !== 'done') return null
    await deleteCallBranches(dependencies, run, 'needless')
    if (run.status.outcome === 'nothing-to-do') return null
    const octokit = await github.installation(run.task.installationId)
    // A pull request that the run only looked at is left as its author has it.
    const own = changedLegs(run).filter((leg) => !isAdopted(run, leg))
    if (run.status.outcome === 'ready') {
      for (const { repository, pull } of own) {
        const seen = pull === null ? null : await getPull(octokit, repositoryOf(repository), pull.number)
        if (seen?.pull.state === 'open' && seen.pull.draft) await markReady(octokit, seen.pull)
      }
      return null
    }
    for (const leg of own) {
      if (leg.mergedSha === null) continue
      try {
        await deleteBranch(octokit, repositoryOf(leg.repository), leg.workBranch)
      } catch (error) {
        if (failureOf(error, 'api').cause === 'rate-limit') throw error
        // A branch that rules protect is no reason to leave the issue open.
        log.warn({ err: error, run: run.id, repo: leg.repository }, 'Work branch not deleted')
      }
    }
    if (run.task.thread === 'issue') await closeIssue(octokit, repositoryOf(run.task.repository), run.task.number, 'completed')
    return null
  }
}
