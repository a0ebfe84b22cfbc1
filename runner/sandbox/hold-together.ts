/**
 * Where there is no sandbox, a job's processes are still held together where that can be had: in a process namespace of their
 * own they all end with the job, whatever session they moved to and whatever they did to their environment. It is no wall:
 * they see and change what the runner can, and may have somebody else start something for them (cron, a container's daemon).
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { bareLauncher, type Launcher, type Program } from '../launcher.ts'
import { giveUpFirst, JOB_MARKER } from '../watch/process-tree.ts'
import { bubblewrapArguments, HELD_TOGETHER_TRIAL, heldTogetherOptions, OPTIONS_FD } from './bubblewrap.ts'
import { handle, write } from './bubblewrap-process.ts'

/** How long the trial may take, in ms. */
const TRIAL_MS = 10_000

/** The path of bubblewrap where it can make a process namespace on this machine, else null. Does not throw. */
export async function findHolder(): Promise<string | null> {
  const found = await execa('which', ['bwrap'], { reject: false, stdin: 'ignore' })
  if (found.exitCode !== 0) return null
  const tried = await execa(found.stdout, HELD_TOGETHER_TRIAL, { reject: false, stdin: 'ignore', timeout: TRIAL_MS })
  return tried.exitCode === 0 ? found.stdout : null
}

/**
 * Starts programs beside the runner, each in a process namespace of its own.
 *
 * @param mark as for {@link bareLauncher}
 */
export function holdingLauncher(bubblewrap: string, mark: string, marks: Readonly<Record<string, string>>): Launcher {
  const bare = bareLauncher(mark, marks)
  return (program) => {
    // The system says best why it cannot start something.
    if (!isThere(program)) return bare(program)
    const child = spawn(bubblewrap, bubblewrapArguments(program), {
      cwd: program.cwd,
      env: { ...program.env, ...marks, [JOB_MARKER]: mark },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    })
    giveUpFirst(child)
    write(child, OPTIONS_FD, heldTogetherOptions())
    return handle(child, 'group')
  }
}

/** Whether the system would find the program. */
function isThere({ file, cwd, env }: Program): boolean {
  const folders = file.includes(path.sep) ? [cwd] : (env.PATH ?? '').split(path.delimiter)
  return folders.some((folder) => {
    try {
      accessSync(path.resolve(cwd, folder, file), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
