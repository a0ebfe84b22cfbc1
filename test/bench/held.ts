/** What a process holds. What is resident says less: it is given back late, or never. */
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MIB = 1024 * 1024
/** What is only let go by a finalizer goes at the second. */
const COLLECTIONS = 2

/** What this thread holds in MiB when all that nobody refers to has been collected: its heap, and what hangs on it outside. */
export function heldMiB(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('V8 gave no collector.')
  for (let time = 0; time < COLLECTIONS; time += 1) collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MIB
}
