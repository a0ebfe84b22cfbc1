import type { GitCredential } from '../git/git-environment.ts'
import { GitError } from '../git/git-error.ts'
import { missingCommits } from '../git/history.ts'
import { readBranch } from '../git/read-refs.ts'
import { fetchIntoMirror } from '../git/remote.ts'
import type { Git } from '../git/run-git.ts'

/** What a job needs of a repository. */
export interface MirrorWanted {
  readonly baseBranch: string
  readonly workBranch: string
  /** Commits that must be there, whether or not a branch contains them. */
  readonly commits: readonly string[]
}

/** Fetches what is wanted into a bare repository, and says where its branches are then. Throws {@link GitError}. */
export async function fetchWanted(
  git: Git,
  gitDir: string,
  credential: GitCredential,
  wanted: MirrorWanted,
  signal: AbortSignal,
): Promise<{ readonly base: string; readonly work: string | null }> {
  const branches = { branch: wanted.baseBranch, maybe: wanted.workBranch }
  await fetchIntoMirror(git, gitDir, credential, branches, signal)
  const base = await readBranch(gitDir, wanted.baseBranch)
  const work = wanted.workBranch === wanted.baseBranch ? null : await readBranch(gitDir, wanted.workBranch)
  if (base === null) throw new GitError({ message: `There is no branch "${wanted.baseBranch}".`, kind: 'exit' })
  const others = wanted.commits.filter((commit) => commit !== base && commit !== work)
  const commits = await missingCommits(git, gitDir, others)
  if (commits.length > 0) await fetchIntoMirror(git, gitDir, credential, { branch: wanted.baseBranch, commits }, signal)
  return { base, work }
}
