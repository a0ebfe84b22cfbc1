/** Repositories under other names, with other owners, with another default branch. */
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { accountJson } from '../render/accounts.ts'
import { emit, organizationJson } from '../webhooks/emit.ts'
import { git, resolveCommit } from './git.ts'
import { fullName, type Repository } from './model.ts'
import { account, timestamp, type World } from './world.ts'

/** https://docs.github.com/repositories/creating-and-managing-repositories/renaming-a-repository */
export async function renameRepository(world: World, repository: Repository, name: string): Promise<void> {
  const from = repository.name
  await move(world, repository, { owner: repository.owner, name })
  emit(world, repository, 'repository', 'renamed', ownerOf(repository), { changes: { repository: { name: { from } } } })
}

/** https://docs.github.com/repositories/creating-and-managing-repositories/transferring-a-repository */
export async function transferRepository(world: World, repository: Repository, owner: string): Promise<void> {
  const old = repository.owner
  await move(world, repository, { owner: account(world, owner), name: repository.name })
  const from = old.type === 'Organization' ? { organization: organizationJson(world, old) } : { user: accountJson(world, old) }
  emit(world, repository, 'repository', 'transferred', ownerOf(repository), { changes: { owner: { from } } })
}

export async function changeDefaultBranch(world: World, repository: Repository, branch: string): Promise<void> {
  if ((await resolveCommit(repository.dir, `refs/heads/${branch}`)) === null) throw new Error(`there is no branch ${branch}`)
  const from = repository.defaultBranch
  repository.defaultBranch = branch
  repository.updatedAt = timestamp(world)
  await git(repository.dir, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
  emit(world, repository, 'repository', 'edited', ownerOf(repository), { changes: { default_branch: { from } } })
}

/** The folder stays where it is; git finds it under the new name too, and under the old one as on GitHub. */
async function move(world: World, repository: Repository, to: Pick<Repository, 'owner' | 'name'>): Promise<void> {
  const taken = `${to.owner.login}/${to.name}`
  if (world.repositories.has(taken.toLowerCase())) throw new Error(`${taken} is taken`)
  const link = join(world.dataDir, 'repositories', to.owner.login, `${to.name}.git`)
  await mkdir(dirname(link), { recursive: true })
  await symlink(repository.dir, link)
  const old = fullName(repository).toLowerCase()
  world.repositories.delete(old)
  world.formerNames.set(old, repository)
  world.formerNames.delete(taken.toLowerCase())
  repository.owner = to.owner
  repository.name = to.name
  repository.updatedAt = timestamp(world)
  world.repositories.set(taken.toLowerCase(), repository)
}

const ownerOf = (repository: Repository) => ({ user: repository.owner, app: null })
