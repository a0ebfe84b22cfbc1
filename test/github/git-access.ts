/** Who may fetch and push over smart HTTP: installation tokens with the contents permission. */
import type { GitAccess, GitRequest } from './git-http.ts'
import { liveToken, permitted } from './rest/authenticate.ts'
import { covers } from './state/grants.ts'
import type { Actor } from './state/model.ts'
import { findRepository, timestamp, type World } from './state/world.ts'

export function authorizeGit(world: World, request: GitRequest): GitAccess {
  const access: GitAccess = world.faults.nextGitFailure(request.repository, request.service)
    ? { allowed: false, status: 503, message: 'No server is currently available to service your request.' }
    : decide(world, request)
  world.gitRequests.push({
    at: timestamp(world),
    repository: request.repository,
    service: request.service,
    phase: request.phase,
    status: access.allowed ? 200 : access.status,
    user: access.allowed ? access.user : null,
  })
  return access
}

function decide(world: World, { repository: name, service, token: value }: GitRequest): GitAccess {
  const repository = findRepository(world, name)
  const writing = service === 'git-receive-pack'
  if (value === null) {
    if (repository && !repository.private && !writing) return { allowed: true, user: 'anonymous' }
    return { allowed: false, status: 401, message: 'No anonymous access' }
  }
  const token = liveToken(world, value)
  if (token === null) return { allowed: false, status: 401, message: 'Invalid username or token.' }
  const { installation } = token
  const covered = repository !== null && covers(installation, repository) && (token.repositories?.has(repository.id) ?? true)
  if (!covered || installation.suspendedAt !== null) {
    if (repository && !repository.private && !writing) return { allowed: true, user: installation.app.bot.login }
    const shown = repository !== null && !repository.private
    return shown
      ? { allowed: false, status: 403, message: `Permission to ${name}.git denied to ${installation.app.bot.login}.` }
      : { allowed: false, status: 404, message: 'Repository not found.' }
  }
  if (!permitted(token, [{ contents: writing ? 'write' : 'read' }])) {
    const message = writing
      ? `Permission to ${name}.git denied to ${installation.app.bot.login}.`
      : 'Write access to repository not granted.'
    return { allowed: false, status: 403, message }
  }
  const limits = {
    workflows: !permitted(token, [{ workflows: 'write' }]),
    protectedRefs: [...repository.protections.keys()].map((branch) => `refs/heads/${branch}`),
  }
  return { allowed: true, user: installation.app.bot.login, limits }
}

export function pushedBy(world: World, login: string): Actor {
  const user = world.accounts.get(login.toLowerCase())
  if (!user) throw new Error(`nobody is called ${login}`)
  return { user, app: [...world.apps.values()].find((app) => app.bot === user) ?? null }
}
