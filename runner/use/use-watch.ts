/**
 * What jobs use of this machine in sum: written to its disk, held in its memory. Their limits by prlimit(1) are for each file and
 * each process. One look serves all jobs; folders are counted only when the free space fell by as much as would matter.
 */
import { statfs } from 'node:fs/promises'
import os from 'node:os'
import process from 'node:process'
import type { Failure } from '../../src/contract/failure.ts'
import type { UseLimits } from '../../src/contract/use-limits.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { type DiskUse, diskUse, NO_USE } from './disk-use.ts'
import { createMemoryLook } from './memory-use.ts'
import { heldFiles, processTable, treeOf } from './process-use.ts'
import { diskLow, memoryPassed, passed } from './use-failures.ts'

/** Between two looks, in ms; and where somebody holds more than half of the memory that a job may. */
const LOOK_MS = 1_000
const NEAR_MS = 100
/** After so long a job's folders are counted whatever the free space says, in ms: others may have freed some. */
const COUNT_EVERY_MS = 300_000
/** Of what a job may have, the least part by which the free space falls before its folders are counted. */
const LEAST_PART = 1 / 16
/** What of the machine's memory a job may have, whatever the setting says. */
const MEMORY_PART = 0.8
/** Files that the disk can take at least; below that the job ends that made most. */
const FREE_FILES = 50_000

/** Watches one job, whose folders are as they were when it began. */
export interface JobUse {
  /** Watches a program of the job and what it starts, until the answer is called. `passed` is called at most once. */
  program(root: { readonly pid?: number | undefined }, passed: (failure: Failure) => void): () => void
}

export interface UseWatch {
  job(folders: readonly string[]): JobUse
}

/** What is known of a job. */
interface Known {
  readonly folders: readonly string[]
  /** In ms since the epoch. */
  readonly since: number
  used: DiskUse
  /** What was free when that was counted. */
  free: DiskUse
  counted: number
}

interface Watched {
  readonly job: Known
  readonly root: number
  readonly memory: ReturnType<typeof createMemoryLook>
  readonly passed: (failure: Failure) => void
}

/** @param dataDir an absolute path without symbolic links */
export function createUseWatch(deps: {
  readonly dataDir: string
  readonly limits: UseLimits
  readonly clock: Clock
  readonly log: Log
}): UseWatch {
  const { dataDir, limits, clock, log } = deps
  const most: DiskUse = { bytes: limits.diskBytes, files: limits.files }
  const machine = process.constrainedMemory() || os.totalmem()
  const memoryMost = Math.min(limits.memoryBytes, Math.floor(machine * MEMORY_PART))
  const watched = new Set<Watched>()
  let looking = false
  let counting = false

  function end(one: Watched, failure: Failure): void {
    if (watched.delete(one)) one.passed(failure)
  }

  /** Ends who holds too much; says whether anybody is near to it. */
  function lookAtMemory(): boolean {
    const table = processTable()
    let near = false
    for (const one of [...watched]) {
      const use = one.memory(table, treeOf(table, one.root))
      near ||= use.atMost > memoryMost / 2
      if (use.atMost > memoryMost && use.exactly() > memoryMost) end(one, memoryPassed(memoryMost))
    }
    return near
  }

  function isDue({ used, free, counted }: Known, now: DiskUse): boolean {
    const fell = (what: 'bytes' | 'files'): boolean =>
      free[what] - now[what] > Math.max((most[what] - used[what]) / 2, most[what] * LEAST_PART)
    return fell('bytes') || fell('files') || clock.now() - counted > COUNT_EVERY_MS
  }

  async function count(those: readonly Watched[], now: DiskUse, low: boolean): Promise<void> {
    const table = processTable()
    for (const { job, root } of those) {
      const found = await diskUse(job.folders, job.since, most, low && process.getuid?.() !== 0)
      const held = heldFiles(treeOf(table, root))
      job.used = { bytes: found.bytes + held.disk, files: found.files }
      job.free = now
      job.counted = clock.now()
    }
    for (const one of those) {
      const failure = passed(one.job.used, most)
      if (failure !== null) end(one, failure)
    }
    if (!low) return
    const [largest] = [...watched].sort((a, b) => share(b.job.used) - share(a.job.used))
    if (largest !== undefined && share(largest.job.used) >= 1) end(largest, diskLow(limits.freeBytes, largest.job.used))
  }

  /** What a job has of the disk, as part of what is to stay free: who has less than that is not the one to blame. */
  function share({ bytes, files }: DiskUse): number {
    return Math.max(limits.freeBytes === 0 ? 0 : bytes / limits.freeBytes, files / FREE_FILES)
  }

  async function lookAtDisk(): Promise<void> {
    const { bavail, bsize, ffree, files } = await statfs(dataDir)
    // Some file systems make room for files as they come, and tell of none.
    const now = { bytes: bavail * bsize, files: files === 0 ? Number.MAX_SAFE_INTEGER : ffree }
    const low = now.bytes < limits.freeBytes || now.files < FREE_FILES
    for (const { job } of watched) if (job.free === NO_USE) job.free = now
    const due = [...watched].filter(({ job }) => low || isDue(job, now))
    if (counting || due.length === 0) return
    counting = true
    void count(due, now, low)
      .catch((error: unknown) => log.warn({ error }, 'what jobs have written could not be counted'))
      .finally(() => {
        counting = false
      })
  }

  async function look(): Promise<void> {
    const near = lookAtMemory()
    await lookAtDisk().catch((error: unknown) => log.warn({ error }, 'the free space could not be read'))
    if (watched.size === 0) looking = false
    else clock.after(near ? NEAR_MS : LOOK_MS, () => void look())
  }

  return {
    job(folders) {
      const job: Known = { folders, since: clock.now(), used: NO_USE, free: NO_USE, counted: clock.now() }
      return {
        program({ pid }, told) {
          if (pid === undefined) return () => undefined
          const one: Watched = { job, root: pid, memory: createMemoryLook(memoryMost), passed: told }
          watched.add(one)
          if (!looking) {
            looking = true
            clock.after(NEAR_MS, () => void look())
          }
          return () => void watched.delete(one)
        },
      }
    },
  }
}
