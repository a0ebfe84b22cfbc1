import { HEARTBEAT_MS, PROGRESS_MIN_MS } from '../../src/contract/api.ts'
import { FOLLOW_UPS_MAX, type FollowUp } from '../../src/contract/follow-up.ts'
import type { Usage } from '../../src/contract/job.ts'
import type { JobPhase, JobProgress, LogLine } from '../../src/contract/progress.ts'
import type { Redactor } from '../../src/contract/redact.ts'
import type { DeniedHost } from '../../src/contract/sandbox.ts'
import type { AgentEvent } from '../agents/runtime.ts'
import type { Clock } from '../clock.ts'
import { waitingLines } from './waiting-lines.ts'

const TOOL_MAX = 200

/** Sends one message; its failure is no failure of the job. */
export type SendProgress = (progress: JobProgress, log: LogLine[], followUps: FollowUp[]) => Promise<void>

/** Gathers how far a job is and sends it: at most once a second, and at least as a heartbeat. */
export interface ProgressSender {
  phase(phase: JobPhase): void
  event(event: AgentEvent): void
  log(kind: LogLine['kind'], text: string): void
  /** What the agent noticed on the way; sent until the app has it. */
  noticed(followUps: readonly FollowUp[]): void
  /** What was used by processes that have ended, so that the next one's count is added to it. */
  processEnded(): void
  usage(): Usage
  /** Begins with what an earlier start had used. */
  restore(usage: Usage, toolCalls: number): void
  /** Tool calls seen. */
  toolCalls(): number
  /** Sends all that there is now; what cannot be sent is tried again with the next message. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export function startProgress(deps: {
  readonly clock: Clock
  readonly redactor: Redactor
  readonly send: SendProgress
  /** Connections that were refused so far; absent: none is. */
  readonly denied?: () => readonly DeniedHost[]
}): ProgressSender {
  let phase: JobPhase = 'received'
  let todos: { done: number; total: number } | null = null
  let lastTool: string | null = null
  let before: Usage = {}
  let now: Usage = {}
  let calls = 0
  const waiting = waitingLines(deps.redactor)
  let noticed: FollowUp[] = []
  let lastSent = Number.NEGATIVE_INFINITY
  let cancel: () => void = () => undefined
  let due = Number.POSITIVE_INFINITY
  let sending: Promise<boolean> | null = null
  let stopped = false

  function progress(): JobProgress {
    const denied = deps.denied?.() ?? []
    return {
      phase,
      usage: sum(before, now),
      ...(todos === null ? {} : { todosDone: todos.done, todosTotal: todos.total }),
      ...(lastTool === null ? {} : { lastTool: deps.redactor.redact(lastTool).slice(0, TOOL_MAX) }),
      ...(denied.length === 0 ? {} : { denied: [...denied] }),
    }
  }
  function wake(at: number): void {
    if (stopped || sending !== null || at >= due) return
    cancel()
    due = at
    cancel = deps.clock.after(Math.max(0, at - deps.clock.now()), () => void flush())
  }
  function changed(): void {
    wake(Math.max(deps.clock.now(), lastSent + PROGRESS_MIN_MS))
  }
  /** Whether what there was is sent. */
  async function flush(): Promise<boolean> {
    due = Number.POSITIVE_INFINITY
    lastSent = deps.clock.now()
    const lines = waiting.take()
    const found = noticed.slice(0, FOLLOW_UPS_MAX)
    noticed = noticed.slice(found.length)
    const sent = deps.send(progress(), lines, found).then(
      () => true,
      () => {
        // What could not be sent goes first the next time.
        waiting.putBack(lines)
        noticed = [...found, ...noticed]
        return false
      },
    )
    sending = sent
    const all = await sent
    sending = null
    wake(waiting.length + noticed.length > 0 ? lastSent + PROGRESS_MIN_MS : lastSent + HEARTBEAT_MS)
    return all
  }
  /** What has gathered needs more than one message where an agent wrote much at its end. */
  async function flushAll(): Promise<void> {
    while ((await flush()) && waiting.length + noticed.length > 0) cancel()
  }
  function log(kind: LogLine['kind'], text: string): void {
    waiting.add(kind, text, deps.clock.now())
    changed()
  }
  changed()
  return {
    phase(next) {
      phase = next
      changed()
    },
    log,
    noticed(followUps) {
      noticed = [...noticed, ...followUps]
      changed()
    },
    event(event) {
      switch (event.type) {
        case 'text':
          return log('text', event.text)
        case 'tool-start':
          calls += 1
          lastTool = `${event.name} ${event.detail}`.trim()
          return log('tool', lastTool)
        case 'tool-end':
          return log(event.ok ? 'result' : 'error', event.detail)
        case 'todos':
          todos = { done: event.done, total: event.total }
          return changed()
        case 'usage':
          now = event.usage
          return changed()
        case 'end':
          if (event.error !== undefined) log('error', event.error.message)
          return
        case 'session':
          return
      }
    },
    processEnded() {
      before = sum(before, now)
      now = {}
    },
    usage: () => sum(before, now),
    restore(usage, toolCalls) {
      before = sum(before, usage)
      calls += toolCalls
    },
    toolCalls: () => Math.max(calls, sum(before, now).toolCalls ?? 0),
    async flush() {
      await sending
      cancel()
      await flushAll()
    },
    async stop() {
      stopped = true
      cancel()
      await sending
      if (waiting.length + noticed.length > 0) await flushAll()
    },
  }
}

const COUNTS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'costUsd', 'turns', 'toolCalls'] as const

/** Adds two counts; what neither knows stays unknown. */
export function sum(one: Usage, other: Usage): Usage {
  const total: Usage = {}
  for (const key of COUNTS) {
    const [a, b] = [one[key], other[key]]
    if (a !== undefined || b !== undefined) total[key] = (a ?? 0) + (b ?? 0)
  }
  return total
}
