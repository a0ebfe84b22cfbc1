import { listInside, readInside } from '../safe-file.ts'
import { isBranchName, isObjectId } from './refs.ts'

/** A ref's file holds one id or one name. In bytes. */
const REF_MAX_BYTES = 4_096
const PACKED_REFS_MAX_BYTES = 16 * 1024 * 1024

/**
 * What a branch points at, read from a git directory's plain files (gitrepository-layout(5)) without starting git, so
 * that it is safe where the agent may have written. Null where there is no such branch.
 */
export async function readBranch(gitDir: string, branch: string): Promise<string | null> {
  if (!isBranchName(branch)) return null
  const loose = await readInside(gitDir, `refs/heads/${branch}`, REF_MAX_BYTES)
  if (loose !== null) {
    const id = loose.toString('utf8').trim()
    return isObjectId(id) ? id : null
  }
  const packed = await readInside(gitDir, 'packed-refs', PACKED_REFS_MAX_BYTES)
  if (packed === null) return null
  for (const line of packed.toString('utf8').split('\n')) {
    const [id, name] = line.split(' ')
    if (name === `refs/heads/${branch}` && id !== undefined && isObjectId(id)) return id
  }
  return null
}

/** Where HEAD is: the branch, or null when detached, and the commit, or null when there is none yet. */
export interface Head {
  readonly branch: string | null
  readonly commit: string | null
}

/** HEAD of a git directory, read from plain files. Null where there is no readable HEAD. */
export async function readHead(gitDir: string): Promise<Head | null> {
  const text = (await readInside(gitDir, 'HEAD', REF_MAX_BYTES))?.toString('utf8').trim()
  if (text === undefined) return null
  if (isObjectId(text)) return { branch: null, commit: text }
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1]
  if (branch === undefined || !isBranchName(branch)) return null
  return { branch, commit: await readBranch(gitDir, branch) }
}

/** Whether the folder is a git directory at all: a real folder with `HEAD` and `objects` in it. */
export async function looksLikeGitDir(gitDir: string): Promise<boolean> {
  const names = await listInside(gitDir, '.')
  return names.includes('HEAD') && names.includes('objects')
}
