import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/** The environment variable that marks every process of a job, whatever session or group it moved to. */
export const JOB_MARKER = 'SWITCHYARD_JOB'

/** How often a sweep looks again, as what it kills may just have made a child. */
const SWEEP_ROUNDS = 5

/** The environment variable that says whose agent a process is: the runner's data folder and process id. */
export const RUNNER_MARKER = 'SWITCHYARD_RUNNER'

/** The value of {@link JOB_MARKER} and of git's mark: a job of this data folder, as several runners may share a machine. */
export function jobMark(dataDir: string, job: string): string {
  return `${dataDir}#${job}`
}

/** The value of {@link RUNNER_MARKER} for this process. */
export function runnerMark(dataDir: string): string {
  return `${dataDir}#${process.pid}`
}

/** Sends a signal to a process group; a group that is gone is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/**
 * Where memory runs out, the kernel takes this process, and what it starts from now on, before any other: an agent and not the
 * runner. See proc(5), `/proc/pid/oom_score_adj`. Where that cannot be said, it takes the largest.
 */
export function giveUpFirst({ pid }: { readonly pid?: number | undefined }): void {
  try {
    if (pid !== undefined) writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
  } catch {
    // No Linux, or it has ended already.
  }
}

/**
 * The processes whose environment carries `name=value`, read from /proc; none where there is no /proc. It finds children
 * that left the process group (`setsid`), as long as they kept their environment.
 *
 * @param after only processes that were started after this one are looked at
 */
export function processesMarked(name: string, value: string, after = 0): number[] {
  const marker = `\0${name}=${value}\0`
  // Process ids are given out in order, until they begin anew: then every process is looked at.
  const from = lastProcess() < after ? 0 : after
  return processes().filter((id) => id > from && id !== process.pid && environmentOf(id).includes(marker))
}

function processes(): number[] {
  try {
    return readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? [Number(entry)] : []))
  } catch {
    return []
  }
}

function lastProcess(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/ns_last_pid', 'utf8'))
  } catch {
    // Not told here: then none counts as older.
    return 0
  }
}

/** A process's environment, each variable between zero bytes; empty for one that ended or is another user's. */
function environmentOf(id: number): Buffer {
  try {
    return Buffer.concat([Buffer.of(0), readFileSync(`/proc/${id}/environ`)])
  } catch {
    return Buffer.alloc(0)
  }
}

/** Kills every process that carries the mark, until none is left or the rounds are used up. Gives how many were killed. */
export function sweepMarked(name: string, value: string, after = 0): number {
  let killed = 0
  for (let round = 0; round < SWEEP_ROUNDS; round += 1) {
    const ids = processesMarked(name, value, after)
    if (ids.length === 0) return killed
    for (const id of ids) killed += kill(id) ? 1 : 0
  }
  return killed
}

/**
 * Kills what the agents of runners that are dead by now left alive: a runner killed at work cannot do it, and its job may
 * go on elsewhere. Only processes of this data folder are looked at. Gives how many were killed.
 */
export function sweepOrphans(dataDir: string): number {
  const start = `\0${RUNNER_MARKER}=${dataDir}#`
  let killed = 0
  for (const id of processes()) {
    const environment = environmentOf(id)
    const at = environment.indexOf(start)
    if (at === -1) continue
    const runner = Number.parseInt(environment.subarray(at + Buffer.byteLength(start)).toString('latin1', 0, 12), 10)
    if (Number.isNaN(runner) || isAlive(runner)) continue
    killed += kill(id) ? 1 : 0
  }
  return killed
}

/** Whether there is a process of this id. */
export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

function kill(id: number): boolean {
  try {
    process.kill(id, 'SIGKILL')
    return true
  } catch (error) {
    if (!isGone(error)) throw error
    return false
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')
}
