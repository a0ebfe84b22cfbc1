import type { Script } from './local-interpreter.ts'
import type { Progress, Settled } from './progress.ts'

/** What the thread is started with. */
export interface WorkerStart {
  script: Script
}

/** What the thread is asked for, one after another. */
export type WorkerRequest = { kind: 'start' } | { kind: 'settle'; results: readonly Settled[] }

/** Its answer; the first one, to no request, says that it is ready. */
export type WorkerAnswer = { kind: 'ready' } | { kind: 'progress'; progress: Progress } | { kind: 'misused'; message: string }
