import { parentPort, workerData } from 'node:worker_threads'
import { openLocal } from './local-interpreter.ts'
import { createTeller } from './tell.ts'
import type { WorkerAnswer, WorkerMessage, WorkerRequest, WorkerStart } from './worker-messages.ts'

/** The inside of a script's thread: opens the script, then answers one request after another. */
export async function serve(): Promise<void> {
  if (parentPort === null) throw new Error('This is the inside of a thread.')
  const port = parentPort
  const { script, engine }: WorkerStart = workerData
  const teller = createTeller(await openLocal(engine, script))
  const say = (message: WorkerMessage): void => port.postMessage(message)
  const answerTo = (request: WorkerRequest): WorkerAnswer => {
    try {
      return request.kind === 'start'
        ? { kind: 'progress', progress: teller.start() }
        : { kind: 'told', told: teller.tell(request.telling, () => say({ kind: 'waits' })) }
    } catch (error) {
      return { kind: 'misused', message: error instanceof Error ? error.message : String(error) }
    }
  }
  port.on('message', (request: WorkerRequest) => say(answerTo(request)))
  say({ kind: 'ready' })
}
