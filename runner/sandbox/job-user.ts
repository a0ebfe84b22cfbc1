/**
 * Whose processes a sandbox runs. A runner that is root gives each job an unprivileged user of its own: inside a user
 * namespace, root of the host could still write what only root may. An ordinary user's runner has no other to give.
 */
import { createHash } from 'node:crypto'
import { chmod, chown, lstat } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { execa } from 'execa'

/** The first of the user ids that jobs are given: above those of people, under those that systemd gives out. */
const FIRST_ID = 40_000
/** How many user ids jobs share. Two jobs that fall on the same one are still apart in all their namespaces. */
const IDS = 20_000

/** The user and group that a job's processes have outside. */
export interface JobUser {
  readonly uid: number
  readonly gid: number
}

/** A user for the job that works in this folder, the same each time; null where the runner may not choose one. */
export function jobUser(folder: string): JobUser | null {
  if (process.getuid?.() !== 0) return null
  const id = FIRST_ID + (createHash('sha256').update(folder).digest().readUInt32BE(0) % IDS)
  return { uid: id, gid: id }
}

/** Gives folders, with all that is in them, to the job's user. Links are not followed. Throws where it may not. */
export async function giveTo(user: JobUser, folders: readonly string[]): Promise<void> {
  if (folders.length === 0) return
  await execa('chown', ['--recursive', '--no-dereference', `${user.uid}:${user.gid}`, '--', ...folders], { stdin: 'ignore' })
}

/**
 * Lets the job's user pass through the folders above `folder`, up to `top`, without showing what else lies in them.
 * Bubblewrap opens what it binds with that user's rights.
 */
export async function letPass(folder: string, top: string): Promise<void> {
  for (let at = path.dirname(folder); at.startsWith(top); at = path.dirname(at)) await chmod(at, 0o711)
}

/** The first folder on the way to `target` that somebody other than its owner and group cannot pass; null when there is none. */
export async function barrier(target: string): Promise<string | null> {
  const parts = target.split(path.sep).filter((part) => part !== '')
  for (let count = 0; count < parts.length; count += 1) {
    const folder = path.sep + parts.slice(0, count).join(path.sep)
    const { mode } = await lstat(folder)
    if ((mode & 0o001) === 0) return folder
  }
  return null
}

/** Gives a folder that the host made to the job's user alone. */
export async function giveFolder(user: JobUser, folder: string): Promise<void> {
  await chown(folder, user.uid, user.gid)
}
