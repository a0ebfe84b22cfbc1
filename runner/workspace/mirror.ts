import { DiskFullError, withDiskFull } from '../disk-space.ts'
import type { GitCredential } from '../git/git-environment.ts'
import { GitError } from '../git/git-error.ts'
import type { Git } from '../git/run-git.ts'
import type { Locks } from './locks.ts'
import { fetchWanted, type MirrorWanted } from './mirror-fetch.ts'
import { isBroken, isThere } from './mirror-health.ts'
import { leaseMirror } from './mirror-leases.ts'
import { cloneBeside } from './mirror-new.ts'
import { removeHalfWritten, removeStaleLocks, STALE_GIT_LOCK_MS } from './mirror-remains.ts'
import { withRoom } from './with-room.ts'

export interface MirrorDeps {
  readonly git: Git
  readonly locks: Locks
  readonly dataDir: string
}

/** Does a fetch with a token for its repository. */
export type Fetching = <T>(fetch: (credential: GitCredential) => Promise<T>) => Promise<T>

/** What the mirror holds after a fetch. */
export interface Mirrored {
  readonly mirror: string
  readonly base: string
  readonly work: string | null
}

/**
 * Brings a repository's bare mirror up to date with what one job needs, and creates it first where there is none. One
 * fetch at a time per mirror, across processes. Throws {@link GitError}, and {@link DiskFullError} where no room could be
 * made.
 *
 * A mirror that does not take the fetch, though its remote answers, is cloned anew: an object of it is missing, a ref is
 * broken, or a branch that is gone on the remote is in the way of another (`a` and `a/b`). The new one takes the old one's
 * place only when it is whole.
 *
 * @param workspace the root of the workspace that is made from it: as long as that is held, the mirror stays
 * @param fetching does the fetch with a token, which is made when the mirror is free
 */
export async function updateMirror(
  deps: MirrorDeps,
  mirror: string,
  workspace: string,
  fetching: Fetching,
  wanted: MirrorWanted,
  signal?: AbortSignal,
): Promise<Mirrored> {
  return await onMirror(deps, mirror, workspace, signal, async (either) => {
    const there = await isThere(mirror)
    const fetched = await fetching((credential) => {
      const fetch = (gitDir: string) => fetchWanted(deps.git, gitDir, credential, wanted, either)
      return there ? fetchTwice(mirror, fetch) : cloneBeside(mirror, fetch)
    })
    return { mirror, ...fetched }
  })
}

/**
 * Clones a mirror anew whose objects could not be read, and gives what it holds then; null where nothing is wrong with it.
 *
 * @param how `look` asks only whether it is there with the wanted commits; `fsck` reads every object, which takes seconds
 */
export async function repairMirror(
  deps: MirrorDeps,
  mirror: string,
  workspace: string,
  fetching: Fetching,
  wanted: MirrorWanted,
  how: 'look' | 'fsck',
  signal?: AbortSignal,
): Promise<Mirrored | null> {
  return await onMirror(deps, mirror, workspace, signal, async (either) => {
    if (!(await isBroken(deps.git, mirror, wanted.commits, how))) return null
    const fetched = await fetching((credential) =>
      cloneBeside(mirror, (gitDir) => fetchWanted(deps.git, gitDir, credential, wanted, either)),
    )
    return { mirror, ...fetched }
  })
}

/** Runs `action` with the mirror's lock and a lease of it. */
async function onMirror<T>(
  deps: MirrorDeps,
  mirror: string,
  workspace: string,
  signal: AbortSignal | undefined,
  action: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  return await deps.locks.hold(`${mirror}.lock`, async (lost) => {
    const either = signal === undefined ? lost : AbortSignal.any([signal, lost])
    const leased = async (): Promise<T> => {
      await leaseMirror(mirror, workspace)
      return await action(either)
    }
    return await withRoom(deps, leased, () => removeHalfWritten(mirror))
  })
}

/** Fetches; once more without what a killed git may have left; at last into a new clone. */
async function fetchTwice<T>(mirror: string, fetch: (gitDir: string) => Promise<T>): Promise<T> {
  try {
    return await fetch(mirror)
  } catch (error) {
    await rethrowUnlessMirror(mirror, error)
    await removeStaleLocks(mirror)
    await removeHalfWritten(mirror, STALE_GIT_LOCK_MS)
  }
  try {
    return await fetch(mirror)
  } catch (error) {
    await rethrowUnlessMirror(mirror, error)
    return await cloneBeside(mirror, fetch)
  }
}

/** Throws the error again unless the state of the mirror may be behind it. */
async function rethrowUnlessMirror(mirror: string, error: unknown): Promise<void> {
  const known = await withDiskFull(mirror, error)
  if (!(known instanceof GitError) || known.kind !== 'exit') throw known
}
