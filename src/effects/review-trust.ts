import type { Logger } from 'pino'
import { failureOf } from '../contract/failure.ts'
import type { Octokit, Repository } from '../github/octokit.ts'
import { type Role, roleOf } from '../github/permissions.ts'
import type { Author } from '../github/reviews.ts'

/** Roles whose words a run follows: those that could change the code themselves. */
const STEERING: readonly Role[] = ['admin', 'maintain', 'write']

/** Whether somebody may steer runs in a repository; what others ask for is shown and not obeyed. */
export type Trust = (author: Author) => Promise<boolean>

/**
 * Asks GitHub for each person once. Any error means no, but a rate limit: that passes, and the whole question is asked
 * again. An App has no role to go by, and an account that is gone has none.
 *
 * @throws GitHubError `rate-limit`
 */
export function createTrust(octokit: Octokit, repository: Repository, log: Logger): Trust {
  const asked = new Map<number, Promise<boolean>>()
  return ({ login, id, bot }) => {
    if (id === null || bot) return Promise.resolve(false)
    const known = asked.get(id) ?? maySteer(octokit, repository, { login, id }, log)
    asked.set(id, known)
    return known
  }
}

async function maySteer(
  octokit: Octokit,
  repository: Repository,
  person: { login: string; id: number },
  log: Logger,
): Promise<boolean> {
  try {
    return STEERING.includes(await roleOf(octokit, repository, person))
  } catch (error) {
    if (failureOf(error, 'api').cause === 'rate-limit') throw error
    log.warn({ err: error, repo: `${repository.owner}/${repository.repo}` }, 'Permission could not be read; that is a no')
    return false
  }
}
