import { join } from 'node:path'
import { commitTree, type Files, git, initBare, NO_COMMIT, resolveCommit, updateRef, writeTree } from './git.ts'
import { identityOf } from './merge.ts'
import { type Actor, type CiJob, fullName, type Repository, type Role } from './model.ts'
import { refsMoved } from './pushes.ts'
import { account, timestamp, type World } from './world.ts'

export interface NewRepository {
  owner: string
  name: string
  description?: string
  private?: boolean
  files: Files
  defaultBranch?: string
  collaborators?: Record<string, Role>
  /** What CI runs on each push: one job `test` that runs `node --test` by default. */
  ci?: CiJob[]
  deleteBranchOnMerge?: boolean
}

const DEFAULT_CI: CiJob[] = [{ name: 'test', command: ['node', '--test'] }]

export async function createRepository(world: World, input: NewRepository): Promise<Repository> {
  const owner = account(world, input.owner)
  const at = timestamp(world)
  const repository: Repository = {
    id: world.nextId(),
    owner,
    name: input.name,
    forkOf: null,
    description: input.description ?? null,
    private: input.private ?? false,
    defaultBranch: input.defaultBranch ?? 'main',
    dir: join(world.dataDir, 'repositories', owner.login, `${input.name}.git`),
    collaborators: new Map(Object.entries(input.collaborators ?? {}).map(([login, role]) => [login.toLowerCase(), role])),
    labels: new Map(),
    issues: new Map(),
    comments: new Map(),
    checkSuites: new Map(),
    checkRuns: new Map(),
    statuses: [],
    protections: new Map(),
    rulesets: new Map(),
    deployments: new Map(),
    mergeMethods: { merge: true, squash: true, rebase: true },
    mergeQueues: new Map(),
    allowAutoMerge: false,
    deleteBranchOnMerge: input.deleteBranchOnMerge ?? false,
    ci: input.ci ?? DEFAULT_CI,
    nextNumber: 1,
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
  }
  await initBare(repository.dir, repository.defaultBranch)
  const tree = await writeTree(repository.dir, null, input.files)
  const author = identityOf({ user: owner, app: null })
  const date = Math.floor(world.now().getTime() / 1_000)
  const sha = await commitTree(repository.dir, { tree, parents: [], message: 'Initial commit', author, date })
  await updateRef(repository.dir, `refs/heads/${repository.defaultBranch}`, sha, NO_COMMIT)
  world.repositories.set(fullName(repository).toLowerCase(), repository)
  return repository
}

/** Copies every branch. The fork has no App, no CI and no issues; its owner may push to it. */
export async function forkRepository(world: World, repository: Repository, { user }: Actor): Promise<Repository> {
  const input = {
    owner: user.login,
    name: repository.name,
    files: { 'README.md': '' },
    defaultBranch: repository.defaultBranch,
    ci: [],
  }
  const fork = await createRepository(world, { ...input, collaborators: { [user.login]: 'admin' } })
  fork.forkOf = repository
  await git(fork.dir, ['fetch', '--quiet', '--update-head-ok', repository.dir, '+refs/heads/*:refs/heads/*'])
  return fork
}

/** Commits files onto a branch, which is made from the default branch when it is new, as a person's push would. */
export async function pushFiles(
  world: World,
  repository: Repository,
  input: { branch: string; files: Files; message: string },
  actor: Actor,
): Promise<string> {
  const ref = `refs/heads/${input.branch}`
  const before = await resolveCommit(repository.dir, ref)
  const parent = before ?? (await resolveCommit(repository.dir, `refs/heads/${repository.defaultBranch}`))
  const tree = await writeTree(repository.dir, parent, input.files)
  const commit = { tree, parents: parent === null ? [] : [parent], message: input.message, author: identityOf(actor) }
  const after = await commitTree(repository.dir, commit)
  if (!(await updateRef(repository.dir, ref, after, before ?? NO_COMMIT))) throw new Error(`${ref} moved meanwhile`)
  await refsMoved(world, repository, [{ ref, before: before ?? NO_COMMIT, after }], actor)
  return after
}
