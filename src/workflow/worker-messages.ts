import type { Engine } from './engine.ts'
import type { Script } from './local-interpreter.ts'
import type { Progress, Telling, Told } from './progress.ts'

/** What the thread is started with. */
export interface WorkerStart {
  script: Script
  /** Compiled once for all threads. */
  engine: Engine
  /** Where the process keeps its compiled code; null: nowhere. */
  compiled: string | null
}

/** What the thread is asked for, one after another. */
export type WorkerRequest = { kind: 'start' } | { kind: 'tell'; telling: Telling }

/** What ends a request. */
export type WorkerAnswer =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'told'; told: Told }
  | { kind: 'misused'; message: string }

/** All that it says: that it is there, that the script waits again and is told of the next ending, and answers. */
export type WorkerMessage = { kind: 'ready' } | { kind: 'waits' } | WorkerAnswer
