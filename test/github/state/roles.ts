import type { Repository, Role } from './model.ts'

const RANK: Record<Role, number> = { none: 0, read: 1, triage: 2, write: 3, maintain: 4, admin: 5 }

/** What a person may do in a repository. The owner of a personal one administers it; public ones can be read by all. */
export function roleOf(repository: Repository, login: string): Role {
  if (repository.owner.login.toLowerCase() === login.toLowerCase()) return 'admin'
  return repository.collaborators.get(login.toLowerCase()) ?? (repository.private ? 'none' : 'read')
}

export function hasRole(repository: Repository, login: string, least: Role): boolean {
  return RANK[roleOf(repository, login)] >= RANK[least]
}
