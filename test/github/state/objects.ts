/**
 * Git's objects and refs as plain files, for what the local GitHub does all the time: a process for each would be most of
 * its work. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'

export type ObjectType = 'blob' | 'tree' | 'commit'

/** Writes an object and gives its id. */
export async function writeObject(dir: string, type: ObjectType, body: Buffer): Promise<string> {
  const object = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body])
  const id = createHash('sha1').update(object).digest('hex')
  const file = join(dir, 'objects', id.slice(0, 2), id.slice(2))
  await mkdir(dirname(file), { recursive: true })
  const part = `${file}.${randomUUID()}`
  await writeFile(part, deflateSync(object), { mode: 0o444 })
  await rename(part, file)
  return id
}

/** An object that lies in a file of its own; null where it is packed, or not there. */
export async function readLoose(dir: string, id: string): Promise<{ type: string; body: Buffer } | null> {
  const bytes = await readFile(join(dir, 'objects', id.slice(0, 2), id.slice(2))).catch(() => null)
  if (bytes === null) return null
  const object = inflateSync(bytes)
  const end = object.indexOf(0)
  const [type = ''] = object.toString('latin1', 0, end).split(' ')
  return { type, body: object.subarray(end + 1) }
}

/** A commit's text, where it lies in a file of its own; else null. */
export async function readLooseCommit(dir: string, id: string): Promise<string | null> {
  const object = await readLoose(dir, id)
  return object?.type === 'commit' ? object.body.toString('utf8') : null
}

/** What a tree has in it, by name, where it lies in a file of its own; else null. */
export async function readLooseTree(dir: string, id: string): Promise<Map<string, Entry> | null> {
  const object = await readLoose(dir, id)
  if (object?.type !== 'tree') return null
  const { body } = object
  const entries = new Map<string, Entry>()
  for (let at = 0; at < body.length; ) {
    const [space, end] = [body.indexOf(0x20, at), body.indexOf(0, at)]
    const mode = body.toString('latin1', at, space).padStart(6, '0')
    entries.set(body.toString('utf8', space + 1, end), { mode, sha: body.toString('hex', end + 1, end + 21) })
    at = end + 21
  }
  return entries
}

export interface Entry {
  mode: string
  sha: string
}

/** Writes the trees of these files, by path, and gives the root's id. */
export async function writeTrees(dir: string, files: ReadonlyMap<string, Entry>): Promise<string> {
  const entries = new Map<string, Entry>()
  const folders = new Map<string, Map<string, Entry>>()
  for (const [path, entry] of files) {
    const slash = path.indexOf('/')
    if (slash < 0) {
      entries.set(path, entry)
      continue
    }
    const folder = path.slice(0, slash)
    const inside = folders.get(folder) ?? new Map<string, Entry>()
    folders.set(folder, inside.set(path.slice(slash + 1), entry))
  }
  for (const [folder, inside] of folders) entries.set(folder, { mode: '40000', sha: await writeTrees(dir, inside) })
  // A folder is sorted as if its name ended with a slash.
  const key = ([name, { mode }]: [string, Entry]) => Buffer.from(mode === '40000' ? `${name}/` : name)
  const sorted = [...entries].toSorted((a, b) => Buffer.compare(key(a), key(b)))
  const lines = sorted.flatMap(([name, { mode, sha }]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex')])
  return writeObject(dir, 'tree', Buffer.concat(lines))
}

/** Sets a ref if it still is where `before` says (null: not there). False if it is not, or somebody else is at it. */
export async function setRef(dir: string, ref: string, after: string, before: string | null): Promise<boolean> {
  const file = join(dir, ref)
  await mkdir(dirname(file), { recursive: true })
  const lock = await open(`${file}.lock`, 'wx').catch(() => null)
  if (lock === null) return false
  try {
    await lock.writeFile(`${after}\n`)
    await lock.close()
    if ((await readRef(dir, ref)) !== before) return false
    await rename(`${file}.lock`, file)
    return true
  } finally {
    await rm(`${file}.lock`, { force: true })
  }
}

/** Sets a ref wherever it is. */
export async function moveRef(dir: string, ref: string, after: string): Promise<void> {
  await setRef(dir, ref, after, await readRef(dir, ref))
}

/** The id that a ref's own file or the file of packed refs has for it. */
export async function readRef(dir: string, ref: string): Promise<string | null> {
  const loose = await readFile(join(dir, ref), 'utf8').catch(() => null)
  return loose?.trim() ?? (await packedRefs(dir)).get(ref) ?? null
}

/** All refs, sorted by their full names. */
export async function readRefs(dir: string): Promise<Map<string, string>> {
  const refs = await packedRefs(dir)
  for (const entry of await readdir(join(dir, 'refs'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.lock')) continue
    const file = join(entry.parentPath, entry.name)
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text !== null) refs.set(relative(dir, file), text.trim())
  }
  return new Map([...refs].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

async function packedRefs(dir: string): Promise<Map<string, string>> {
  const packed = await readFile(join(dir, 'packed-refs'), 'utf8').catch(() => '')
  return new Map(
    packed.split('\n').flatMap((line) => (/^[0-9a-f]{40} /.test(line) ? [[line.slice(41), line.slice(0, 40)] as const] : [])),
  )
}
