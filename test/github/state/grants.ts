/** What an installation was granted. */
import type { Installation, Level, Permissions, Repository } from './model.ts'

export function covers(installation: Installation, repository: Repository): boolean {
  if (installation.deleted || installation.account.id !== repository.owner.id) return false
  return installation.selection === 'all' || installation.repositories.has(repository.id)
}

const RANK: Record<Level, number> = { read: 1, write: 2, admin: 3 }

export function allows(permissions: Permissions, name: string, level: Level): boolean {
  const has = permissions[name]
  return has !== undefined && RANK[has] >= RANK[level]
}
