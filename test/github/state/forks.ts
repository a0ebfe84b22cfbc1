/** Pull requests from somebody's own copy of a repository, by people who cannot push to it. */
import { ApiError } from '../api-error.ts'
import { git, resolveCommit } from './git.ts'
import { fullName, type Repository } from './model.ts'
import type { World } from './world.ts'

/** Takes the commit that a pull request from a fork begins with; null where there is no such fork or branch. */
export async function takeFromFork(
  world: World,
  repository: Repository,
  owner: string,
  branch: string,
): Promise<{ fork: Repository; sha: string } | null> {
  const fork = [...world.repositories.values()].find(
    (each) => each.forkOf === repository && each.owner.login.toLowerCase() === owner.toLowerCase(),
  )
  const sha = fork === undefined ? null : await resolveCommit(fork.dir, `refs/heads/${branch}`)
  if (fork === undefined || sha === null) return null
  const fetched = await git(repository.dir, ['fetch', '--quiet', '--no-tags', fork.dir, `refs/heads/${branch}`]).then(
    () => true,
    () => false,
  )
  if (!fetched) throw new ApiError(500, `${fullName(fork)} could not be read`)
  return { fork, sha }
}
