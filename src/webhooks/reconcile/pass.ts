import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { listOpenPulls, type PullDetails } from '../../github/pull-requests.ts'
import { reachableRepositories } from '../../github/repositories.ts'
import type { Intake } from '../handle/intake.ts'
import { type Reached, reach } from './repository.ts'

/** What one installation was asked in one sweep: each thing once, for all runs, and conditionally. */
export interface Pass {
  octokit: Octokit
  reach(intake: Intake, leg: { repositoryId: number; repository: string }): Promise<Reached | null | 'unknown'>
  openPulls(repositoryId: number, repository: string): Promise<readonly PullDetails[]>
}

/** An empty one; it is forgotten with the sweep. */
export function createPass(octokit: Octokit, installationId: number): Pass {
  const listed = new Map<number, ReturnType<typeof reachableRepositories>>()
  const reached = new Map<number, Promise<Reached | null | 'unknown'>>()
  const pulls = new Map<number, Promise<readonly PullDetails[]>>()
  return {
    octokit,
    // The list tells of a hundred repositories in one answer; only what it leaves out is looked for by itself.
    reach: (intake, leg) =>
      once(reached, leg.repositoryId, async () => {
        const info = (await once(listed, installationId, () => reachableRepositories(octokit))).get(leg.repositoryId)
        return info === undefined ? reach(intake, octokit, leg) : { info, installationId }
      }),
    openPulls: (id, repository) => once(pulls, id, () => listOpenPulls(octokit, repositoryOf(repository))),
  }
}

function once<T>(known: Map<number, Promise<T>>, id: number, ask: () => Promise<T>): Promise<T> {
  const found = known.get(id) ?? ask()
  known.set(id, found)
  return found
}
