/** A thread with one script in it: what the script does to its thread, it does to nobody else. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadEngine } from './engine.ts'
import { openLocal } from './local-interpreter.ts'
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './worker-messages.ts'

if (parentPort === null) throw new Error('This file is the inside of a thread.')
const port = parentPort
const { script }: WorkerStart = workerData
const interpreter = await openLocal(await loadEngine(), script)

function answer(message: WorkerAnswer): void {
  port.postMessage(message)
}

port.on('message', (request: WorkerRequest) => {
  try {
    const progress = request.kind === 'start' ? interpreter.start() : interpreter.settle(request.results)
    answer({ kind: 'progress', progress })
  } catch (error) {
    answer({ kind: 'misused', message: error instanceof Error ? error.message : String(error) })
  }
})
answer({ kind: 'ready' })
