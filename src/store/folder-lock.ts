/**
 * One process at a time may have an embedded database's folder open: PGlite does not guard it, and two writers destroy
 * it. The owner keeps a file beside the folder with its pid and where that pid counts (machine, boot, pid namespace),
 * and touches it. Who comes next:
 * - same place, pid dead (or ours, or started at another time): takes over at once, so that work goes on after kill -9;
 * - same place, pid alive: refused;
 * - another place (a container made anew, a shared volume): pids say nothing, so it waits until the file is not touched.
 * Looking and taking happen under a short lock of their own, so that two heirs cannot both win.
 */
import { mkdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import lockfile from 'proper-lockfile'
import { z } from 'zod'
import { SwitchyardError } from '../contract/failure.ts'

/** How often the owner touches its file, in ms. */
const TOUCH_MS = 2_000
/** An owner in another place that has not touched its file for this long is gone, in ms. */
const ABANDONED_MS = 10_000
/** How often an heir looks while it waits for an owner in another place, in ms. */
const LOOK_MS = 500
/** The short lock around looking and taking: held for some ms, abandoned after this long, in ms. */
const GUARD_STALE_MS = 5_000

const Owner = z.object({ pid: z.int(), place: z.string(), started: z.string() })
type Owner = z.infer<typeof Owner>

export interface FolderLock {
  release(): Promise<void>
}

/** Takes the folder, or throws a {@link SwitchyardError} (`config`) that names it, its owner and the remedy. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(dirname(folder), { recursive: true })
  const file = `${folder}.lock`
  const self: Owner = { pid: process.pid, place: await placeOfPids(), started: (await startOf(process.pid)) ?? '' }
  const waitUntil = Date.now() + ABANDONED_MS + 2 * TOUCH_MS
  for (;;) {
    const owner = await underGuard(folder, () => takeIfFree(file, self))
    if (owner === null) return keep(file, self)
    if (owner.place === self.place || Date.now() > waitUntil) throw heldBy(folder, owner)
    await sleep(LOOK_MS)
  }
}

/** Writes our file where there is no living owner; else gives the owner. */
async function takeIfFree(file: string, self: Owner): Promise<Owner | null> {
  const owner = await readOwner(file)
  if (owner !== null && (await lives(owner, self, file))) return owner
  await writeFile(file, JSON.stringify(self))
  return null
}

async function lives(owner: Owner, self: Owner, file: string): Promise<boolean> {
  if (owner.place !== self.place) {
    const touched = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    )
    return Date.now() - touched < ABANDONED_MS
  }
  if (owner.pid === self.pid) return owner.started === self.started
  if (!isAlive(owner.pid)) return false
  return (await startOf(owner.pid)) === (owner.started || null)
}

function keep(file: string, self: Owner): FolderLock {
  const touch = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), TOUCH_MS)
  touch.unref()
  return {
    async release() {
      clearInterval(touch)
      const owner = await readOwner(file)
      if (owner?.pid === self.pid && owner.place === self.place) await rm(file, { force: true })
    },
  }
}

async function underGuard<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const release = await lockfile.lock(dirname(folder), {
    lockfilePath: `${folder}.guard`,
    stale: GUARD_STALE_MS,
    retries: { retries: 100, factor: 1, minTimeout: 100 },
  })
  try {
    return await act()
  } finally {
    await release()
  }
}

/** A torn or empty file is one that nobody finished to write: nobody owns the folder. */
async function readOwner(file: string): Promise<Owner | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return Owner.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Where pids count: this machine since its boot, in this pid namespace. Not Linux: the machine's name. */
async function placeOfPids(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '')
  return [hostname(), boot.trim(), namespace].join(' ')
}

/** When a process started, in ticks since boot (field 22 of `/proc/<pid>/stat`): tells a reused pid. Null elsewhere. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function heldBy(folder: string, owner: Owner): SwitchyardError {
  return new SwitchyardError({
    cause: 'config',
    message:
      `The data folder ${folder} is in use by another Switchyard process (pid ${owner.pid}). ` +
      'Stop that one, or give this one another folder with DATA_DIR; to run several, set DATABASE_URL to a Postgres database.',
  })
}
