import { z } from 'zod'
import { ask } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** A collaborator's role in a repository. */
export const Role = z.enum(['admin', 'maintain', 'write', 'triage', 'read', 'none'])
export type Role = z.infer<typeof Role>

/** The part of the answer that is used; `role_name` may be an organisation's own role, or absent on an old server. */
const Answer = z.object({
  permission: z.enum(['admin', 'write', 'read', 'none']),
  role_name: z.string().optional(),
  user: z.object({ id: z.number() }).nullish(),
})

/**
 * The person's role in the repository at this moment. A role of the organisation's own making counts as the permission
 * it is built on. An account that has the login but another id (the login was given up and taken) has none.
 *
 * Callers treat an error as `none`.
 *
 * @throws GitHubError
 * @see https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
 */
export async function roleOf(octokit: Octokit, repository: Repository, person: { login: string; id: number }): Promise<Role> {
  const answer = await ask(`read the permission of ${person.login} in ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...repository, username: person.login })
    return Answer.parse(data)
  })
  if (answer.user?.id !== person.id) return 'none'
  const role = Role.safeParse(answer.role_name)
  return role.success ? role.data : answer.permission
}
