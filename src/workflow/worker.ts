/** A thread with one script in it: what the script does to its thread, it does to nobody else. */
import { enableCompileCache } from 'node:module'
import { workerData } from 'node:worker_threads'
import type { WorkerStart } from './worker-messages.ts'

const { compiled }: WorkerStart = workerData
// A thread does not have its process's cache by itself, and without it half of its start is reading our own code.
if (compiled !== null) enableCompileCache(compiled)
const { serve } = await import('./serve-script.ts')
await serve()
