/** What processes hold, as Linux tells it; see proc(5). Where there is no `/proc`, they hold nothing. */
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'

const KIB = 1024
const BLOCK_BYTES = 512
/** `TMPFS_MAGIC`; see statfs(2). */
const IN_MEMORY = 0x0102_1994

export interface ProcessUse {
  readonly parent: number
  /** In memory and swapped out, in bytes; what it shares with others is counted for each of them. */
  readonly bytes: number
  /** Of that, files in memory that it has mapped. */
  readonly mapped: number
}

/** Every process of this machine. A process namespace's own are among them, under the numbers that they have out here. */
export function processTable(): ReadonlyMap<number, ProcessUse> {
  const table = new Map<number, ProcessUse>()
  for (const entry of list('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const status = read(`/proc/${entry}/status`)
    if (status === '') continue
    const told = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    const bytes = (told('VmRSS') + told('VmSwap')) * KIB
    table.set(Number(entry), { parent: told('PPid'), bytes, mapped: told('RssShmem') * KIB })
  }
  return table
}

/** A process, and all that come from it. In a namespace of processes those that lost their parent come from its first. */
export function treeOf(table: ReadonlyMap<number, ProcessUse>, root: number): number[] {
  const children = Map.groupBy([...table.keys()], (id) => table.get(id)?.parent ?? 0)
  const tree = table.has(root) ? [root] : []
  for (const id of tree) tree.push(...(children.get(id) ?? []))
  return tree
}

/** The memory that they hold, in bytes, a shared page counted once for all. Slower than what the table says. */
export function proportional(table: ReadonlyMap<number, ProcessUse>, ids: readonly number[]): number {
  return ids.reduce((sum, id) => {
    const rollup = read(`/proc/${id}/smaps_rollup`)
    const pss = /^Pss:\s+(\d+)/m.exec(rollup)?.[1]
    const swap = /^SwapPss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0
    // One that forbids others to look is taken for what it holds at most.
    return sum + (pss === undefined ? (table.get(id)?.bytes ?? 0) : (Number(pss) + Number(swap)) * KIB)
  }, 0)
}

/**
 * Files without a name that they still hold open, in bytes: no look into folders finds them. Those of a disk, and those in memory
 * (`memfd_create(2)`, and what was deleted in `/tmp` of a sandbox).
 */
export function heldFiles(ids: readonly number[]): { readonly disk: number; readonly memory: number } {
  const seen = new Set<string>()
  let [disk, memory] = [0, 0]
  for (const file of ids.flatMap((id) => list(`/proc/${id}/fd`).map((fd) => `/proc/${id}/fd/${fd}`))) {
    const held = nameless(file)
    if (held === null || seen.has(held.id)) continue
    seen.add(held.id)
    if (held.inMemory) memory += held.bytes
    else disk += held.bytes
  }
  return { disk, memory }
}

function nameless(file: string): { readonly id: string; readonly bytes: number; readonly inMemory: boolean } | null {
  try {
    const stats = statSync(file)
    if (stats.nlink > 0 || !stats.isFile()) return null
    const inMemory = statfsSync(file).type === IN_MEMORY
    return { id: `${stats.dev}:${stats.ino}`, bytes: stats.blocks * BLOCK_BYTES, inMemory }
  } catch {
    // Closed meanwhile, or not ours to look at.
    return null
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    // It has ended, or is not ours to look at.
    return ''
  }
}
