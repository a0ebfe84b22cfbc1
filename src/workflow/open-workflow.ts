import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { z } from 'zod'
import type { Json } from './json.ts'
import { WorkflowLimits } from './limits.ts'
import type { Script } from './local-interpreter.ts'
import type { Budget, Progress, WorkflowFailure, WorkflowInterpreter } from './progress.ts'
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './worker-messages.ts'

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
}

/**
 * Opens a workflow's script in a thread of its own (about 0.2 s of processor time). It does nothing before `start`. The thread
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
  const data: WorkerStart = { script }
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

function guarded(thread: Worker, { turnMs }: WorkflowLimits): WorkflowInterpreter {
  let broken: WorkflowFailure | null = null
  let turn: Promise<unknown> = Promise.resolve()

  async function ask(request: WorkerRequest): Promise<Progress> {
    if (broken !== null) return failed(broken)
    const answer = await answerWithin(thread, request, turnMs)
    if ('failure' in answer) {
      broken = answer.failure
      await thread.terminate()
      return failed(broken)
    }
    if (answer.kind === 'progress') return answer.progress
    throw new Error(answer.kind === 'misused' ? answer.message : 'The thread answered out of turn.')
  }

  /** One request after another: an answer belongs to the request before it. */
  function inTurn(request: WorkerRequest): Promise<Progress> {
    const answer = turn.then(() => ask(request))
    turn = answer.catch(() => {})
    return answer
  }

  return {
    start: () => inTurn({ kind: 'start' }),
    settle: (results) => inTurn({ kind: 'settle', results }),
    async dispose() {
      broken ??= failureOf('engine', 'The workflow was closed.')
      await thread.terminate()
    },
  }
}

function answerWithin(
  thread: Worker,
  request: WorkerRequest,
  turnMs: number,
): Promise<WorkerAnswer | { failure: WorkflowFailure }> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      end({ failure: failureOf('limit', `The script worked longer than ${turnMs / 1_000} s without waiting for anything.`) })
    }, turnMs)
    const onMessage = (answer: WorkerAnswer) => end(answer)
    const onError = (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      end({ failure: failureOf('engine', `The script broke its thread: ${message}`.slice(0, 2_000)) })
    }
    const onExit = () => end({ failure: failureOf('engine', 'The thread of the script ended.') })
    function end(answer: WorkerAnswer | { failure: WorkflowFailure }): void {
      clearTimeout(late)
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      resolve(answer)
    }
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    thread.postMessage(request)
  })
}

function failed(failure: WorkflowFailure): Progress {
  return { state: 'failed', failure, calls: [], log: [], phase: null }
}

function failureOf(kind: WorkflowFailure['kind'], message: string): WorkflowFailure {
  return { kind, message, file: null, line: null, column: null }
}
