import { ApiError, notFound } from '../api-error.ts'
import { findTeam } from '../state/teams.ts'
import { permitted } from './authenticate.ts'
import { installationRoute, ok, type Route } from './registry.ts'

const READ = [{ members: 'read' as const }]

/** https://docs.github.com/rest/teams/members: what an App asks for is whether somebody is in a team. */
export const teamRoutes: Route[] = [
  installationRoute('GET', '/orgs/{org}/teams/{team_slug}/memberships/{username}', ({ world, params, installation, token }) => {
    const { org = '', team_slug: slug = '', username = '' } = params
    // Another organisation's teams are as if they were not there.
    if (installation.account.login.toLowerCase() !== org.toLowerCase()) throw notFound()
    if (!permitted(token, READ)) {
      const headers = { 'x-accepted-github-permissions': 'members=read' }
      throw new ApiError(403, 'Resource not accessible by integration', { headers })
    }
    const team = findTeam(world, org, slug)
    const user = world.accounts.get(username.toLowerCase())
    const state = user === undefined ? undefined : team?.members.get(user.id)
    if (team === null || user === undefined || state === undefined) throw notFound()
    const url = `${world.apiUrl}/organizations/${team.organization.id}/team/${team.slug}/memberships/${user.login}`
    return ok({ url, role: 'member', state })
  }),
]
