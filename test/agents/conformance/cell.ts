import assert from 'node:assert/strict'
import type { JobResult } from '../../../src/contract/job.ts'
import type { Intent, Turn } from '../../model/script.ts'
import type { Stand } from './stand.ts'

/** One column of the table: what is tried with every runtime. */
export interface Column {
  title: string
  /** The behaviours that a mark shows, by their numbers; empty where there is none. */
  shows: string
  /** One sentence for people: what a mark in this column promises. */
  promise: string
  /** Tries it. Throws where the runtime does not do it; gives a remark for the table, or nothing to remark. */
  check(stand: Stand): Promise<string>
}

export type Finished = Extract<JobResult, { status: 'finished' }>
export type Failed = Extract<JobResult, { status: 'failed' }>

export function finished(result: JobResult): Finished {
  assert.equal(result.status, 'finished', `the job should have finished: ${JSON.stringify(result).slice(0, 3_000)}`)
  return result as Finished
}

export function failed(result: JobResult): Failed {
  assert.equal(result.status, 'failed', `the job should have failed: ${JSON.stringify(result).slice(0, 3_000)}`)
  return result as Failed
}

export const shell = (command: string): Intent => ({ do: 'run', command })

/** A file, written and committed by a shell. */
export function commit(folder: string, file: string): Turn {
  return { say: '', tools: [shell(`cd '${folder}' && echo ${file} > ${file} && git add -A && git commit -qm 'Add ${file}'`)] }
}

export function report(more: Record<string, unknown> = {}): Turn {
  return { say: '', tools: [{ do: 'report', report: { status: 'success', summary: 'Done.', ...more } }] }
}

/** What several columns look at, done once per runtime; what failed is done anew for the next who asks. */
export function shared<T>(make: (stand: Stand) => Promise<T>): (stand: Stand) => Promise<T> {
  const made = new WeakMap<Stand, Promise<T>>()
  return (stand) => {
    const known = made.get(stand)
    if (known !== undefined) return known
    const making = make(stand)
    made.set(stand, making)
    making.catch(() => made.delete(stand))
    return making
  }
}
