import path from 'node:path'
import { type Author, writeCommit } from '../git/commit-object.ts'
import { GitError } from '../git/git-error.ts'
import { contains, distance, mergeBase, messageOf, treeOf } from '../git/history.ts'
import { looksLikeGitDir, readBranch, readHead } from '../git/read-refs.ts'
import type { Git } from '../git/run-git.ts'
import { takeObjects } from '../git/take-objects.ts'
import { UnsafeFileError } from '../safe-file.ts'
import type { LegWorkspace } from './prepare-leg.ts'

/** What the agent's clone says about its commits, once they are in the host's git directory. */
export interface AgentHead {
  /** The commit that the agent's work ends in; the start where it made none. */
  readonly commit: string
  /** The commit that the files in its folder belong to. It differs where the agent looked at an older commit at its end. */
  readonly checkedOut: string
  readonly notes: readonly string[]
}

/**
 * Reads where the agent's clone stands and takes its commits over. The agent may have switched the branch, detached HEAD,
 * amended or rebased, or broken its `.git` altogether; then its files still count, as edits on top of the start.
 */
export async function takeAgentHead(git: Git, workspace: LegWorkspace): Promise<AgentHead> {
  const { folder, gitDir, start, leg } = workspace
  const agentGitDir = path.join(folder, '.git')
  const unread = { commit: start, checkedOut: start, notes: [`${leg.repository}: the agent left no readable git directory.`] }
  if (!(await looksLikeGitDir(agentGitDir))) return unread
  const tips = await readTips(agentGitDir, leg.workBranch)
  if (tips === null || tips.head === null) return unread
  const { head, work } = tips
  if (head === start && (work === null || work === start)) return { commit: start, checkedOut: start, notes: [] }
  await takeObjects(git, agentGitDir, gitDir)
  if (work === null || work === head || (await contains(git, gitDir, head, work)))
    return { commit: head, checkedOut: head, notes: [] }
  // HEAD is behind the work branch: the agent went to look at something and did not come back.
  if (await contains(git, gitDir, work, head)) return { commit: work, checkedOut: head, notes: [] }
  const note = `${leg.repository}: the agent ended away from ${leg.workBranch}; the commits it stood on count, not the others.`
  return { commit: head, checkedOut: head, notes: [note] }
}

async function readTips(agentGitDir: string, workBranch: string): Promise<{ head: string | null; work: string | null } | null> {
  try {
    const [head, work] = await Promise.all([readHead(agentGitDir), readBranch(agentGitDir, workBranch)])
    return head === null ? null : { head: head.commit, work }
  } catch (error) {
    if (error instanceof UnsafeFileError) return null
    throw error
  }
}

/**
 * What may be pushed for the agent's commit: itself when the remote work branch is in its history, else its files as one
 * new commit on top of the remote branch (it amended or rebased what was pushed before). Nothing is ever forced. Throws
 * {@link GitError} where that would take back what the base had.
 */
export async function fastForward(
  git: Git,
  workspace: LegWorkspace,
  commit: string,
  remote: string | null,
  author: Author,
): Promise<{ readonly commit: string; readonly transplanted: boolean }> {
  const { gitDir, start, baseTip, leg } = workspace
  if (commit === start) return { commit, transplanted: false }
  const onto = remote ?? baseTip
  const { behind } = await distance(git, gitDir, onto, commit)
  if (behind === 0) return { commit, transplanted: false }
  const common = await mergeBase(git, gitDir, onto, commit)
  if (remote === null && common !== null) return { commit, transplanted: false }
  const floor = remote === null ? null : await mergeBase(git, gitDir, baseTip, remote)
  if (common === null || floor === null || !(await contains(git, gitDir, common, floor))) {
    const message = `${leg.repository}: the agent's commits are not on top of ${leg.workBranch} and cannot be put there.`
    throw new GitError({ message, kind: 'refused' })
  }
  // It was rebased onto a newer base: that base is a parent too, or its changes would look like ours.
  const onNewBase = (await contains(git, gitDir, commit, baseTip)) && !(await contains(git, gitDir, onto, baseTip))
  const parents = onNewBase ? [onto, baseTip] : [onto]
  const message = await messageOf(git, gitDir, commit)
  const tree = await treeOf(git, gitDir, commit)
  return { commit: await writeCommit(gitDir, { tree, parents, message, author }), transplanted: true }
}
