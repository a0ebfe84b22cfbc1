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

/** Size of the blocks that `find` counts in, in bytes. */
const BLOCK_BYTES = 512
const LINE = /^(\S)(\d+) (\S+) (\d+)$/

/** Whether the `find` of this machine can count: GNU's can, that of small systems cannot. */
export async function canCount(): Promise<boolean> {
  const tried = await execa('find', ['/', '-maxdepth', '0', '-newerct', '@0', '-printf', '%b'], {
    reject: false,
    stdin: 'ignore',
  })
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
  const child = spawn('nice', ['-n', '19', 'find', ...folders, '-xdev', ...open, ...changed], {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
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
