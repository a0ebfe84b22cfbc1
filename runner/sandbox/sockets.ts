/** Where the sockets lie by which a sandbox reaches the model gateway and the way out. */
import { createHash } from 'node:crypto'
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { isAlive } from '../watch/process-tree.ts'
import { barrier, type JobUser } from './job-user.ts'

/** Longest path of a unix socket, in bytes; see unix(7). */
const SOCKET_MAX_BYTES = 107
/** Longest name of one of ours, in bytes. */
const NAME_MAX_BYTES = 20
/** By its name a folder of sockets is known as one of a runner of this data folder, with the runner's process id. */
const prefixOf = (dataDir: string): string => `switchyard-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}-`

export interface Sockets {
  /** The path of a socket of this name. */
  at(name: string): string
  /** Lets the job's user, and nobody else, use a socket that is there by now. */
  give(name: string): Promise<void>
  remove(): Promise<void>
}

/** Makes a new folder for a job's sockets, with a path that is short enough and that the job's user may pass through. */
export async function openSockets(user: JobUser | null, dataDir: string): Promise<Sockets> {
  const prefix = `${prefixOf(dataDir)}${process.pid}-`
  const own = path.join(tmpdir(), `${prefix}XXXXXX`)
  const fits = Buffer.byteLength(own) + NAME_MAX_BYTES <= SOCKET_MAX_BYTES
  const passable = user === null || (await barrier(own)) === null
  const folder = await mkdtemp(path.join(fits && passable ? tmpdir() : '/tmp', prefix))
  const at = (name: string): string => path.join(folder, `${name}.sock`)
  if (user !== null) {
    await chown(folder, 0, user.gid)
    await chmod(folder, 0o710)
  }
  return {
    at,
    async give(name) {
      if (user !== null) await chown(at(name), user.uid, user.gid)
      await chmod(at(name), 0o600)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Removes what killed runners of this data folder left; a runner that is alive may be at work beside this one. */
export async function sweepSockets(dataDir: string): Promise<void> {
  const prefix = prefixOf(dataDir)
  for (const root of new Set([tmpdir(), '/tmp'])) {
    const names = await readdir(root).catch(() => [])
    const left = names.filter((name) => name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10)))
    for (const name of left) await rm(path.join(root, name), { recursive: true, force: true })
  }
}
