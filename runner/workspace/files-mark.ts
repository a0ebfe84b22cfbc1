import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { readBranch, readHead } from '../git/read-refs.ts'
import type { Git } from '../git/run-git.ts'
import { listEdits } from '../git/work-tree.ts'
import type { LegWorkspace } from './prepare-leg.ts'

/** A text that differs when what the agent has committed or edited in these legs differs. Throws `GitError`. */
export async function filesMark(git: Git, legs: readonly LegWorkspace[]): Promise<string> {
  const marks = await Promise.all(legs.filter(({ writable }) => writable).map((leg) => legMark(git, leg)))
  return JSON.stringify(marks)
}

async function legMark(git: Git, { gitDir, folder, leg }: LegWorkspace): Promise<unknown> {
  const agentGitDir = path.join(folder, '.git')
  const [head, work, edits] = await Promise.all([
    readHead(agentGitDir),
    readBranch(agentGitDir, leg.workBranch),
    listEdits(git, { gitDir, folder }),
  ])
  const files = [...edits.tracked, ...edits.untracked].filter((file) => !edits.deleted.has(file))
  return [head?.commit, work, [...edits.deleted], await Promise.all(files.map((file) => fileMark(folder, file)))]
}

/** A file's name (in bytes), and what a write changes of it; its name alone where it has gone meanwhile. */
async function fileMark(folder: string, file: string): Promise<unknown> {
  const stats = await lstat(Buffer.concat([Buffer.from(`${folder}${path.sep}`), Buffer.from(file, 'latin1')])).catch(() => null)
  return [file, stats?.size, stats?.mtimeMs]
}
