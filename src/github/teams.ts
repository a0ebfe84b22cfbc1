import { askOrNull } from './errors.ts'
import type { Octokit } from './octokit.ts'

/** A team as GitHub writes it, without the `@`: `acme/platform`. */
export interface TeamName {
  org: string
  slug: string
}

/** The team that `@acme/platform` or `acme/platform` names. */
export function teamOf(name: string): TeamName {
  const [org = '', slug = ''] = name.replace(/^@/, '').split('/')
  return { org, slug }
}

/**
 * Whether somebody is in a team at this moment, themselves or by a team within it; who was only invited is not. A team that
 * is not there, or that the App may not see, has no members.
 *
 * @throws GitHubError also where the App lacks the permission to read members
 * @see https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user
 */
export async function isInTeam(octokit: Octokit, { org, slug }: TeamName, login: string): Promise<boolean> {
  const answer = await askOrNull(`read whether ${login} is in the team ${org}/${slug}`, () =>
    octokit.rest.teams.getMembershipForUserInOrg({ org, team_slug: slug, username: login }),
  )
  return answer?.data.state === 'active'
}
