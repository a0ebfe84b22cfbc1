import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { readInside } from '../safe-file.ts'

/** Who a commit is by. */
export interface Author {
  readonly name: string
  readonly email: string
}

export interface NewCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  readonly author: Author
}

/** Largest commit object that is read, in bytes. */
const COMMIT_MAX_BYTES = 1024 * 1024

/**
 * Writes a commit object into a git directory of the host and gives its id. The format is the one of `git cat-file commit`;
 * it is written here because starting git for it takes longer.
 */
export async function writeCommit(gitDir: string, commit: NewCommit, now = Date.now()): Promise<string> {
  const plain = (text: string): string => text.replace(/[<>\n\r\0]/g, '').trim()
  const by = `${plain(commit.author.name)} <${plain(commit.author.email)}> ${Math.floor(now / 1_000)} +0000`
  const lines = [`tree ${commit.tree}`, ...commit.parents.map((id) => `parent ${id}`), `author ${by}`, `committer ${by}`]
  const body = Buffer.from(`${lines.join('\n')}\n\n${commit.message.replaceAll('\0', '').trimEnd()}\n`)
  const object = Buffer.concat([Buffer.from(`commit ${body.length}\0`), body])
  const id = createHash(commit.tree.length === 64 ? 'sha256' : 'sha1')
    .update(object)
    .digest('hex')
  const file = path.join(gitDir, 'objects', id.slice(0, 2), id.slice(2))
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(`${file}.writing`, deflateSync(object), { mode: 0o444 })
  await rename(`${file}.writing`, file)
  return id
}

/** A commit as it is written down: its header, and its message after an empty line. Bytes are characters (`latin1`). */
export interface WrittenCommit {
  readonly header: string
  readonly message: string
  readonly parents: readonly string[]
}

/** A commit that is a loose object of this git directory and not too large to be read here; else null. */
export async function looseCommit(gitDir: string, id: string): Promise<WrittenCommit | null> {
  const text = await looseText(gitDir, id)
  if (text === null || !text.startsWith('commit ')) return null
  const start = text.indexOf('\0') + 1
  const end = text.indexOf('\n\n')
  const header = text.slice(start, end === -1 ? text.length : end)
  // Only here does git look for them.
  const named = /^tree [0-9a-f]+((?:\nparent [0-9a-f]+)*)(?:\n|$)/.exec(header)?.[1] ?? ''
  const parents = named.split('\nparent ').slice(1)
  return { header, parents, message: end === -1 ? '' : text.slice(end + 2) }
}

async function looseText(gitDir: string, id: string): Promise<string | null> {
  try {
    const bytes = await readInside(gitDir, `objects/${id.slice(0, 2)}/${id.slice(2)}`, COMMIT_MAX_BYTES)
    return bytes === null ? null : inflateSync(bytes, { maxOutputLength: COMMIT_MAX_BYTES }).toString('latin1')
  } catch {
    // Too large, or broken: git is asked, and says so.
    return null
  }
}

/** Most commits that are followed before git is asked instead. */
const FOLLOWED_MAX = 200

/**
 * How many commits lead in a straight line from `base` to `commit`, read from loose objects; null where it is no straight
 * line or they are not loose. It answers without git what is asked after nearly every job.
 */
export async function straightLine(gitDir: string, base: string, commit: string): Promise<number | null> {
  let at = commit
  for (let steps = 0; steps <= FOLLOWED_MAX; steps += 1) {
    if (at === base) return steps
    const parents = (await looseCommit(gitDir, at))?.parents ?? []
    const [parent] = parents
    if (parent === undefined || parents.length !== 1) return null
    at = parent
  }
  return null
}
