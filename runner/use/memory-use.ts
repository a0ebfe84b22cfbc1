/** The memory of one job: what its processes hold, and files in memory that no folder shows. */
import os from 'node:os'
import { heldFiles, type ProcessUse, proportional } from './process-use.ts'

/** Of what a job may hold, the part by which the machine's free memory falls before open files are looked through. */
const LEAST_PART = 1 / 8

export interface MemoryUse {
  /** What it holds at most, in bytes: where that is little nobody needs to know better. */
  readonly atMost: number
  /** The same with what is shared counted once. */
  exactly(): number
}

/** Looks at one job again and again. `most`: what it may hold, in bytes. */
export function createMemoryLook(most: number): (table: ReadonlyMap<number, ProcessUse>, tree: readonly number[]) => MemoryUse {
  let available = os.freemem()
  let files = 0
  return (table, tree) => {
    const now = os.freemem()
    available = Math.max(available, now)
    if (files > 0 || available - now > most * LEAST_PART) {
      files = heldFiles(tree).memory
      available = now
    }
    const sum = (what: 'bytes' | 'mapped'): number => tree.reduce((all, id) => all + (table.get(id)?.[what] ?? 0), 0)
    // What is mapped is among what processes hold already.
    const unmapped = Math.max(0, files - sum('mapped'))
    return { atMost: sum('bytes') + unmapped, exactly: () => proportional(table, tree) + unmapped }
  }
}
