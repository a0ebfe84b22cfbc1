/**
 * What a person decides for other repositories than the one where they say it: whoever may write to one leg of a change set
 * only, must not approve or merge the others with it. Pure.
 */
import { inWords } from '../config/nearest.ts'
import type { Leg, Run } from '../pipeline/model.ts'
import type { Asked, Authorisation, Permission } from './authorise.ts'

/** The repositories that a command decides for: those in which somebody needs the role for it. */
export function repositoriesDecided(asked: Asked, run: Pick<Run, 'legs'> | null): string[] {
  if (asked === 'label' || run === null || asked.verb === 'reject') return []
  switch (asked.who) {
    case 'approve':
      return run.legs.filter(isToBeWritten).map(({ repository }) => repository)
    case 'merge':
      return run.legs.filter((leg) => isToBeWritten(leg) && leg.pull !== null).map(({ repository }) => repository)
    case 'start':
    case 'everyone':
      return []
  }
}

function isToBeWritten({ access, planned, dropped }: Leg): boolean {
  return access === 'write' && planned && !dropped
}

/** Decides, from the role that somebody has in each of the repositories. */
export function authoriseElsewhere(
  permissions: readonly Permission[],
  roles: readonly { repository: string; permission: Permission }[],
): Authorisation {
  const unknown = roles.filter(({ permission }) => permission === 'error').map(({ repository }) => repository)
  const lacking = roles.filter(({ permission }) => permission !== 'error' && !permissions.includes(permission))
  const needed = `the ${inWords(
    permissions.map((permission) => `*${permission}*`),
    'or',
  )} role`
  if (lacking.length > 0) {
    const where = lacking.map(({ repository, permission }) => `${repository} (yours there is *${permission}*)`)
    return {
      allowed: false,
      why: `it decides for every repository of the change set, and it needs ${needed} in ${inWords(where, 'and')} too`,
      who: `Somebody with ${needed} in all of them may.`,
    }
  }
  if (unknown.length === 0) return { allowed: true }
  return {
    allowed: false,
    why: `GitHub did not say which role you have in ${inWords(unknown, 'and')}, for which it decides too`,
    who: `Try again in a minute. Somebody with ${needed} in all repositories of the change set may.`,
  }
}
