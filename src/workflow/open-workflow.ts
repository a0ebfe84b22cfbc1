import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { z } from 'zod'
import { type Engine, loadEngine } from './engine.ts'
import type { Json } from './json.ts'
import { WorkflowLimits } from './limits.ts'
import type { Script } from './local-interpreter.ts'
import type { Advance, Budget, ScriptEnd, WorkflowFailure, WorkflowInterpreter } from './progress.ts'
import type { WorkerAnswer, WorkerMessage, WorkerRequest, WorkerStart } from './worker-messages.ts'

/** The thread's own stack, in MiB: far more than the script may use, so that its limit is met first. */
const THREAD_STACK_MB = 16
/** What the thread needs beside the script's memory, in MiB. */
const THREAD_HEAP_MB = 128

export interface WorkflowOptions {
  source: string
  name: string
  /** As `checkArguments` gives them. */
  args: Record<string, Json>
  limits?: z.input<typeof WorkflowLimits>
  /** The sources that `workflow(name, args)` may start, by name. */
  workflows?: Readonly<Record<string, string>>
  /** Left out: nothing limits it, and nothing is spent. */
  budget?: Budget
  /** Left out: loaded for this one. */
  engine?: Engine
}

/**
 * Opens a workflow's script in a thread of its own (about 0.1 s of processor time). It does nothing before `start`. The thread
 * ends with `dispose`, and by itself where the script broke it or worked longer than `limits.turnMs` without waiting.
 */
export async function openWorkflow(options: WorkflowOptions): Promise<WorkflowInterpreter> {
  const script: Script = {
    name: options.name,
    source: options.source,
    args: options.args,
    limits: WorkflowLimits.parse(options.limits ?? {}),
    workflows: options.workflows ?? {},
    budget: options.budget ?? { total: null, spent: 0 },
  }
  const engine = options.engine ?? (await loadEngine())
  const data: WorkerStart = { script, engine, compiled: getCompileCacheDir() ?? null }
  const thread = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: data,
    env: {},
    stdin: false,
    resourceLimits: { stackSizeMb: THREAD_STACK_MB, maxOldGenerationSizeMb: THREAD_HEAP_MB },
  })
  await once(thread, 'message')
  // One that waits for its agents keeps no process from its end.
  thread.unref()
  return guarded(thread, script.limits)
}

/** An answer of the thread, or why there will be none any more. */
type Outcome = WorkerAnswer | { kind: 'broken'; failure: WorkflowFailure }

function guarded(thread: Worker, { turnMs }: WorkflowLimits): WorkflowInterpreter {
  let broken: WorkflowFailure | null = null
  let turn: Promise<unknown> = Promise.resolve()

  async function ask(request: WorkerRequest): Promise<Outcome> {
    if (broken !== null) return { kind: 'broken', failure: broken }
    const outcome = await answerWithin(thread, request, turnMs)
    if (outcome.kind === 'misused') throw new Error(outcome.message)
    if (outcome.kind === 'broken') {
      broken = outcome.failure
      await thread.terminate()
    }
    return outcome
  }

  /** One request after another: an answer belongs to the request before it. */
  function inTurn(request: WorkerRequest): Promise<Outcome> {
    const outcome = turn.then(() => ask(request))
    turn = outcome.catch(() => {})
    return outcome
  }

  return {
    async start() {
      const outcome = await inTurn({ kind: 'start' })
      if (outcome.kind === 'progress') return outcome.progress
      return { ...failedAs(outcome), calls: [] }
    },
    async tell(telling) {
      const outcome = await inTurn({ kind: 'tell', telling })
      if (outcome.kind === 'told') return outcome.told
      return { ...failedAs(outcome), calls: [], heard: [...telling.endings.keys()], liveFrom: null }
    },
    async dispose() {
      broken ??= failureOf('engine', 'The workflow was closed.')
      await thread.terminate()
    },
  }
}

function answerWithin(thread: Worker, request: WorkerRequest, turnMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      breaks(failureOf('limit', `The script worked longer than ${turnMs / 1_000} s without waiting for anything.`))
    }, turnMs)
    const onMessage = (message: WorkerMessage) => {
      if (message.kind === 'waits') late.refresh()
      else if (message.kind !== 'ready') end(message)
    }
    const onError = (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      breaks(failureOf('engine', `The script broke its thread: ${message}`.slice(0, 2_000)))
    }
    const onExit = () => breaks(failureOf('engine', 'The thread of the script ended.'))
    const breaks = (failure: WorkflowFailure) => end({ kind: 'broken', failure })
    function end(outcome: Outcome): void {
      clearTimeout(late)
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      resolve(outcome)
    }
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    thread.postMessage(request)
  })
}

function failedAs(outcome: Outcome): ScriptEnd & Omit<Advance, 'calls'> {
  if (outcome.kind !== 'broken') throw new Error('The thread answered out of turn.')
  return { state: 'failed', failure: outcome.failure, log: [], phase: null }
}

function failureOf(kind: WorkflowFailure['kind'], message: string): WorkflowFailure {
  return { kind, message, file: null, line: null, column: null }
}
