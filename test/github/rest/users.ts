import { notFound } from '../api-error.ts'
import { accountJson } from '../render/accounts.ts'
import { ok, publicRoute, type Route } from './registry.ts'

/** https://docs.github.com/rest/users/users: what an App asks for is the id of its own bot. */
export const userRoutes: Route[] = [
  publicRoute('GET', '/users/{username}', ({ world, params }) => {
    const account = world.accounts.get((params.username ?? '').toLowerCase())
    if (!account) throw notFound()
    return ok({
      ...accountJson(world, account),
      name: account.login,
      company: null,
      blog: null,
      location: null,
      email: account.email ?? null,
      hireable: null,
      bio: null,
      public_repos: 0,
      public_gists: 0,
      followers: 0,
      following: 0,
      created_at: account.createdAt,
      updated_at: account.createdAt,
    })
  }),
]
