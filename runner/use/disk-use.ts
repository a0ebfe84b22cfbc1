/** What a job has written: counted by `find`, a small process of low priority, and not by the runner, which has others to serve. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { execa } from 'execa'

/** What lies on a disk. A folder counts as a file. */
export interface DiskUse {
  readonly bytes: number
  readonly files: number
}

export const NO_USE: DiskUse = { bytes: 0, files: 0 }

/** How it is started: behind everybody else, and with no environment of the runner's. */
const QUIETLY = ['-n', '19', 'find'] as const
const ENV = { PATH: '/usr/bin:/bin' }
/** Size of the blocks that `find` counts in, in bytes. */
const BLOCK_BYTES = 512
const LINE = /^(\S)(\d+) (\S+) (\d+)$/

/** Whether {@link diskUse} can count on this machine: with GNU's `find` it can, with that of small systems it cannot. */
export async function canCount(): Promise<boolean> {
  const trial = ['/', '-maxdepth', '0', '-newerct', '@0', '-printf', '%b']
  const tried = await execa('nice', [...QUIETLY, ...trial], { reject: false, stdin: 'ignore', env: ENV, extendEnv: false })
  return tried.exitCode === 0
}

/**
 * Counts what was made or changed in these folders since then: nobody can make a file's change time older. Depth and odd names
 * are nothing to `find`, and it follows no link. It stops as soon as there is more than `most`. Never throws.
 *
 * @param since in ms since the epoch
 * @param opening folders that their owner has closed are opened: they may hide something
 */
export async function diskUse(folders: readonly string[], since: number, most: DiskUse, opening: boolean): Promise<DiskUse> {
  const open = opening ? ['-type', 'd', '!', '-perm', '-u=rx', '-execdir', 'chmod', 'u+rx', '{}', ';', ','] : []
  const changed = ['-newerct', `@${since / 1_000}`, '-printf', '%y%n %D:%i %b\\n']
  const child = spawn('nice', [...QUIETLY, ...folders, '-xdev', ...open, ...changed], {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
    env: ENV,
  })
  child.on('error', () => undefined)
  const linked = new Set<string>()
  let [bytes, files] = [0, 0]
  for await (const line of createInterface(child.stdout)) {
    const [, type, links, id = '', blocks] = LINE.exec(line) ?? []
    // A file by several names is one.
    const again = type !== 'd' && Number(links) > 1 && linked.size === linked.add(id).size
    if (again) continue
    bytes += Number(blocks ?? 0) * BLOCK_BYTES
    files += 1
    if (bytes > most.bytes || files > most.files) break
  }
  child.kill('SIGKILL')
  return { bytes, files }
}
