import { type Asked, type Asker, type Permission, type TeamAnswers, teamsToAsk } from '../../commands/authorise.ts'
import type { Configuration } from '../../config/configuration.ts'
import { failureOf } from '../../contract/failure.ts'
import type { Octokit, Repository } from '../../github/octokit.ts'
import { roleOf } from '../../github/permissions.ts'
import { isInTeam, teamOf } from '../../github/teams.ts'
import type { Person } from '../intents.ts'
import type { Intake } from './intake.ts'

type Log = Pick<Intake, 'log'>['log']

/**
 * Asks GitHub, at this moment, what somebody may do in a repository, and whether they are in a team that the configuration
 * lists for it. Any error means that they may nothing (CMD-3).
 */
export async function askerOf(
  { log }: Pick<Intake, 'log'>,
  octokit: Octokit,
  repository: Repository,
  person: Person,
  isRequester: boolean | null,
  of: { asked: Asked; rules: Configuration },
): Promise<Asker> {
  const isBot = person.type !== 'User'
  const teams = isBot ? [] : teamsToAsk(of.asked, person.login, of.rules)
  const none: Permission = 'none'
  const [permission, answers] = await Promise.all([
    isBot ? none : permissionOf(log, octokit, repository, person),
    teams.length === 0 ? null : teamAnswers(log, octokit, teams, person.login),
  ])
  return { permission, login: person.login, isBot, isRequester, ...(answers === null ? {} : { teams: answers }) }
}

/** Somebody's role in a repository at this moment; `error` where GitHub did not say. */
export async function permissionOf(log: Log, octokit: Octokit, repository: Repository, person: Person): Promise<Permission> {
  const what = `${repository.owner}/${repository.repo}`
  return (await orUnknown(log, what, () => roleOf(octokit, repository, person))) ?? 'error'
}

/** In which of these teams somebody is. */
export async function teamAnswers(log: Log, octokit: Octokit, teams: readonly string[], login: string): Promise<TeamAnswers> {
  const answers = await Promise.all(
    teams.map(async (team) => ({ team, is: await orUnknown(log, team, () => isInTeam(octokit, teamOf(team), login)) })),
  )
  return {
    in: answers.filter(({ is }) => is === true).map(({ team }) => team),
    unknown: answers.filter(({ is }) => is === null).map(({ team }) => team),
  }
}

/** GitHub's answer, or null where it gave none. */
export async function orUnknown<T>(log: Log, about: string, request: () => Promise<T>): Promise<T | null> {
  try {
    return await request()
  } catch (error) {
    // It passes by itself: the delivery is put back, and asked for then. Nothing is done until there is a yes.
    if (failureOf(error, 'api').cause === 'rate-limit') throw error
    log.warn({ err: error, about }, 'Who may could not be read; that is a no')
    return null
  }
}

/** A bot that the configuration does not list: what it does is no trigger, and is not answered (ING-4). */
export function isUnlistedBot({ login, type }: Person, { bots }: Pick<Configuration, 'bots'>): boolean {
  return type !== 'User' && !bots.some((bot) => bot.toLowerCase() === login.toLowerCase())
}
