import type { GitCredential } from './git-environment.ts'
import { GitError } from './git-error.ts'
import { isBranchName, isObjectId } from './refs.ts'
import type { Git } from './run-git.ts'

function checkedBranch(name: string): string {
  if (!isBranchName(name)) throw new GitError({ message: `"${name}" cannot be the name of a branch.`, kind: 'refused' })
  return name
}

/** What to fetch of a repository into its mirror. */
export interface FetchWanted {
  readonly branch: string
  /** A branch that may be missing on the remote; the mirror's copy goes away with it. */
  readonly maybe?: string
  /** Single commits, where the branches do not contain them. */
  readonly commits?: readonly string[]
}

/**
 * Fetches into a bare mirror, in one command. The branch that may be missing is asked for by a pattern (`name*`): a
 * pattern that matches nothing is no error, and `--prune` drops what the remote no longer has.
 */
export async function fetchIntoMirror(
  git: Git,
  mirror: string,
  credential: GitCredential,
  wanted: FetchWanted,
  signal?: AbortSignal,
): Promise<void> {
  const refspecs = [`+refs/heads/${checkedBranch(wanted.branch)}:refs/heads/${wanted.branch}`]
  if (wanted.maybe !== undefined && wanted.maybe !== wanted.branch) {
    refspecs.push(`+refs/heads/${checkedBranch(wanted.maybe)}*:refs/heads/${wanted.maybe}*`)
  }
  for (const commit of wanted.commits ?? []) {
    if (!isObjectId(commit)) throw new GitError({ message: `"${commit}" is not a commit id.`, kind: 'refused' })
    refspecs.push(`+${commit}:refs/switchyard/commits/${commit}`)
  }
  await git({
    args: ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--', credential.url, ...refspecs],
    gitDir: mirror,
    credential,
    signal,
  })
}

/**
 * Pushes one commit to one branch, never by force: whoever pushed there in between keeps their work, and we fail.
 * Throws {@link GitError}.
 */
export async function pushCommit(
  git: Git,
  gitDir: string,
  credential: GitCredential,
  push: { readonly commit: string; readonly branch: string },
  signal?: AbortSignal,
): Promise<void> {
  if (!isObjectId(push.commit)) throw new GitError({ message: `"${push.commit}" is not a commit id.`, kind: 'refused' })
  await git({
    args: ['push', '--quiet', '--no-verify', '--', credential.url, `${push.commit}:refs/heads/${checkedBranch(push.branch)}`],
    gitDir,
    credential,
    signal,
  })
}

/** Deletes a branch of the remote, if it is still at this commit. Throws {@link GitError}. */
export async function deleteBranch(
  git: Git,
  gitDir: string,
  credential: GitCredential,
  gone: { readonly commit: string; readonly branch: string },
): Promise<void> {
  const ref = `refs/heads/${checkedBranch(gone.branch)}`
  await git({
    args: ['push', '--quiet', '--no-verify', `--force-with-lease=${ref}:${gone.commit}`, '--', credential.url, `:${ref}`],
    gitDir,
    credential,
  })
}
