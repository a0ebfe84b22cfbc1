/** Branches of a workflow's own calls, once their run is over. */
import { failureOf } from '../../contract/failure.ts'
import { branchesBeginning, commitsAhead, deleteBranch } from '../../github/branches.ts'
import { repositoryOf } from '../../github/octokit.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { hasCalls, isAdopted } from '../../pipeline/state.ts'
import { isCallBranch } from '../../roles/job-call.ts'
import { branchesOfRun, forgetBranches } from '../../store/workflow-calls.ts'
import type { GitHubEffects } from '../dependencies.ts'

/**
 * Deletes a run's call branches that nobody needs: those that are collected, or have nothing that the work branch lacks;
 * with `all` the others too. Asks GitHub which there are, since a call that failed may have left one that no journal has.
 */
export async function deleteCallBranches(
  { github, store, log }: GitHubEffects,
  run: Run,
  which: 'all' | 'needless',
): Promise<void> {
  if (!hasCalls(run)) return
  const octokit = await github.installation(run.task.installationId)
  const { kept, collected } = await branchesOfRun(store.db, run.id)
  const journaled = new Set([...kept, ...collected].map(({ leg, branch }) => `${leg} ${branch}`))
  const gone = []
  for (const leg of run.legs.filter(({ access }) => access === 'write')) {
    const repository = repositoryOf(leg.repository)
    // Beside the branch of somebody's pull request may be those of another run on it.
    const isOurs = ({ branch }: { branch: string }) =>
      isCallBranch(leg.workBranch, branch) && (!isAdopted(run, leg) || journaled.has(`${leg.key} ${branch}`))
    const there = (await branchesBeginning(octokit, repository, `${leg.workBranch}-w`)).filter(isOurs)
    for (const { branch, head } of there) {
      try {
        const known = collected.some((each) => each.leg === leg.key && each.branch === branch && each.head === head)
        const ahead = which === 'all' || known ? 0 : await aheadOf(leg, (base) => commitsAhead(octokit, repository, base, head))
        if (ahead > 0) continue
        await deleteBranch(octokit, repository, branch)
        if (!known) gone.push({ leg: leg.key, branch })
      } catch (error) {
        if (failureOf(error, 'api').cause === 'rate-limit') throw error
        // A branch that rules protect stays; what else the end of the run asks for is done all the same.
        log.warn({ err: error, run: run.id, repo: leg.repository, branch }, 'Branch of a call not deleted')
      }
    }
  }
  if (gone.length > 0) await forgetBranches(store.db, run.id, gone)
}

/** Commits that the work branch lacks; without a work branch all that there are. */
async function aheadOf({ head }: Leg, ask: (base: NonNullable<Leg['head']>) => Promise<number>): Promise<number> {
  return head === null ? Number.POSITIVE_INFINITY : ask(head)
}
