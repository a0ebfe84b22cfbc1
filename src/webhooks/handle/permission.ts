import type { Asker, Permission } from '../../commands/authorise.ts'
import type { Configuration } from '../../config/configuration.ts'
import { failureOf } from '../../contract/failure.ts'
import type { Octokit, Repository } from '../../github/octokit.ts'
import { roleOf } from '../../github/permissions.ts'
import type { Person } from '../intents.ts'
import type { Intake } from './intake.ts'

/** Asks GitHub, at this moment, what somebody may do in a repository. Any error means that they may nothing (CMD-3). */
export async function askerOf(
  { log }: Intake,
  octokit: Octokit,
  repository: Repository,
  person: Person,
  isRequester: boolean | null,
): Promise<Asker> {
  const isBot = person.type !== 'User'
  const permission = isBot ? 'none' : await permissionOf(log, octokit, repository, person)
  return { permission, login: person.login, isBot, isRequester }
}

async function permissionOf(log: Intake['log'], octokit: Octokit, repository: Repository, person: Person): Promise<Permission> {
  try {
    return await roleOf(octokit, repository, person)
  } catch (error) {
    // It passes by itself: the delivery is put back, and asked for then. Nothing is done until there is a yes.
    if (failureOf(error, 'api').cause === 'rate-limit') throw error
    log.warn({ err: error, repo: `${repository.owner}/${repository.repo}` }, 'Permission could not be read; that is a no')
    return 'error'
  }
}

/** A bot that the configuration does not list: what it does is no trigger, and is not answered (ING-4). */
export function isUnlistedBot({ login, type }: Person, { bots }: Pick<Configuration, 'bots'>): boolean {
  return type !== 'User' && !bots.some((bot) => bot.toLowerCase() === login.toLowerCase())
}
