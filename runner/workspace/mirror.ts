import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { GitCredential } from '../git/git-environment.ts'
import { GitError } from '../git/git-error.ts'
import { readBranch } from '../git/read-refs.ts'
import { fetchIntoMirror } from '../git/remote.ts'
import type { Git } from '../git/run-git.ts'
import { isMissing } from '../safe-file.ts'
import type { Locks } from './locks.ts'

/** A lock file of git in a mirror that is older than this was left by a git that was killed, in ms. */
const STALE_GIT_LOCK_MS = 10_000

/** What a job needs of a repository. */
export interface MirrorWanted {
  readonly baseBranch: string
  readonly workBranch: string
  /** A commit that must be there. */
  readonly commit?: string | undefined
}

/** What the mirror holds after a fetch. */
export interface Mirrored {
  readonly mirror: string
  readonly base: string
  readonly work: string | null
}

/**
 * Brings a repository's bare mirror up to date with what one job needs, and creates it first where there is none. One
 * fetch at a time per mirror, across processes. Throws {@link GitError}.
 */
export async function updateMirror(
  deps: { readonly git: Git; readonly locks: Locks },
  mirror: string,
  credential: GitCredential,
  wanted: MirrorWanted,
  signal?: AbortSignal,
): Promise<Mirrored> {
  return await deps.locks.hold(`${mirror}.lock`, async () => {
    await createMirror(deps.git, mirror)
    const branches = { branch: wanted.baseBranch, maybe: wanted.workBranch }
    await fetchOnceMore(mirror, () => fetchIntoMirror(deps.git, mirror, credential, branches, signal))
    const base = await readBranch(mirror, wanted.baseBranch)
    const work = wanted.workBranch === wanted.baseBranch ? null : await readBranch(mirror, wanted.workBranch)
    if (base === null) throw new GitError({ message: `There is no branch "${wanted.baseBranch}".`, kind: 'refused' })
    const commit = wanted.commit
    if (commit !== undefined && commit !== base && commit !== work && !(await hasCommit(deps.git, mirror, commit))) {
      const commits = [commit]
      await fetchIntoMirror(deps.git, mirror, credential, { branch: wanted.baseBranch, commits }, signal)
    }
    return { mirror, base, work }
  })
}

async function createMirror(git: Git, mirror: string): Promise<void> {
  if (await exists(path.join(mirror, 'HEAD'))) return
  // Made beside it and moved: a process killed here leaves no half mirror.
  const beside = `${mirror}.new`
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { recursive: true })
  await git({ args: ['init', '--quiet', '--bare', '--template=', '--initial-branch=main'], gitDir: beside })
  await rm(mirror, { recursive: true, force: true })
  await rename(beside, mirror)
}

/**
 * Fetches, and once more if a git that was killed left its lock files behind: nobody else writes here, as the mirror's
 * lock is ours. Those of a git that outlived its killed runner and is still at work are left alone: they are young.
 */
async function fetchOnceMore(mirror: string, fetch: () => Promise<void>): Promise<void> {
  try {
    await fetch()
  } catch (error) {
    if (!(error instanceof GitError) || error.kind !== 'exit' || (await removeStaleLocks(mirror)) === 0) throw error
    await fetch()
  }
}

async function removeStaleLocks(mirror: string): Promise<number> {
  const inRefs = (await readdir(path.join(mirror, 'refs'), { recursive: true }).catch(() => [])).map((name) =>
    path.join('refs', name),
  )
  let removed = 0
  for (const name of [...inRefs, 'packed-refs.lock', 'shallow.lock', 'HEAD.lock', 'config.lock']) {
    if (!name.endsWith('.lock')) continue
    const file = path.join(mirror, name)
    const age =
      Date.now() -
      (await stat(file).then(
        (stats) => stats.mtimeMs,
        () => Date.now(),
      ))
    if (age < STALE_GIT_LOCK_MS) continue
    await rm(file, { force: true })
    removed += 1
  }
  return removed
}

async function hasCommit(git: Git, mirror: string, commit: string): Promise<boolean> {
  const { exitCode } = await git({ args: ['cat-file', '-e', `${commit}^{commit}`], gitDir: mirror, answers: [1, 128] })
  return exitCode === 0
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
