import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { listInside, readInside, UnsafeFileError } from '../safe-file.ts'
import { GitError } from './git-error.ts'
import type { Git } from './run-git.ts'

const inflated = promisify(inflate)

/** Largest single object that is taken over, unpacked; GitHub refuses files from 100 MiB on. In bytes. */
const OBJECT_MAX_BYTES = 110 * 1024 * 1024
/** Largest pack that is taken over, in bytes. */
const PACK_MAX_BYTES = 512 * 1024 * 1024
/** Most loose objects that one job may bring. */
const OBJECTS_MAX = 200_000
/** How many objects are read at the same moment. */
const READERS = 8

/**
 * Takes over what the agent committed: every object that is in the agent's git directory and not yet in the host's.
 *
 * Why this is safe: no git process reads anything that the agent could have written. `git fetch` from the agent's clone
 * would run upload-pack with the agent's configuration, and promisor remotes or alternates named there could start
 * programs or reach other repositories' objects. So object files are read here as plain files (regular ones only, no
 * links on the way), unpacked under a limit, and taken only if they hash to their name; packs go through
 * `git index-pack`, which computes every name anew and never looks at the agent's index. The agent's alternates,
 * configuration, hooks, refs and index are never looked at by git. What refers to objects that are neither in the mirror
 * nor taken over here fails later, at the push, as an incomplete history.
 */
export async function takeObjects(git: Git, from: string, to: string): Promise<{ objects: number; packs: number }> {
  const loose = await newLooseObjects(from, to)
  if (loose.length > OBJECTS_MAX) {
    throw new GitError({ message: `The agent's clone holds more than ${OBJECTS_MAX} new objects.`, kind: 'refused' })
  }
  const queue = loose.values()
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (const name of queue) await takeLoose(from, to, name)
    }),
  )
  const packs = await newPacks(from, to)
  for (const pack of packs) await takePack(git, from, to, pack)
  return { objects: loose.length, packs: packs.length }
}

async function newLooseObjects(from: string, to: string): Promise<string[]> {
  const folders = (await listInside(from, 'objects')).filter((name) => /^[0-9a-f]{2}$/.test(name))
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await listInside(from, path.join('objects', folder))
      const known = new Set(await readdir(path.join(to, 'objects', folder)).catch(() => []))
      return names
        .filter((name) => /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/.test(name) && !known.has(name))
        .map((name) => `${folder}/${name}`)
    }),
  )
  return lists.flat()
}

async function takeLoose(from: string, to: string, name: string): Promise<void> {
  const id = name.replace('/', '')
  const bytes = await readObject(from, path.join('objects', name), OBJECT_MAX_BYTES)
  if (bytes === null) return
  const content = await unpacked(bytes, id)
  const digest = createHash(id.length === 64 ? 'sha256' : 'sha1')
    .update(content)
    .digest('hex')
  if (digest !== id || !/^(?:blob|tree|commit|tag) \d+\0/.test(content.subarray(0, 32).toString('latin1'))) {
    throw new GitError({ message: `Object ${id} in the agent's clone is not what its name says.`, kind: 'refused' })
  }
  const target = path.join(to, 'objects', name)
  await mkdir(path.dirname(target), { recursive: true })
  await writeFile(`${target}.taking`, bytes, { mode: 0o444 })
  await rename(`${target}.taking`, target)
}

async function unpacked(bytes: Buffer, id: string): Promise<Buffer> {
  try {
    return await inflated(bytes, { maxOutputLength: OBJECT_MAX_BYTES })
  } catch (error) {
    throw new GitError(
      { message: `Object ${id} in the agent's clone is broken or too large.`, kind: 'refused' },
      { cause: error },
    )
  }
}

async function newPacks(from: string, to: string): Promise<string[]> {
  const known = new Set(await readdir(path.join(to, 'objects/pack')).catch(() => []))
  const names = await listInside(from, 'objects/pack')
  return names.filter((name) => /^pack-(?:[0-9a-f]{40}|[0-9a-f]{64})\.pack$/.test(name) && !known.has(name))
}

async function takePack(git: Git, from: string, to: string, name: string): Promise<void> {
  const input = await readObject(from, path.join('objects/pack', name), PACK_MAX_BYTES)
  if (input !== null) await git({ args: ['index-pack', '--stdin'], gitDir: to, input })
}

async function readObject(from: string, relative: string, maxBytes: number): Promise<Buffer | null> {
  try {
    return await readInside(from, relative, maxBytes)
  } catch (error) {
    if (!(error instanceof UnsafeFileError)) throw error
    throw new GitError({ message: `In the agent's clone, ${error.message}`, kind: 'refused' }, { cause: error })
  }
}
