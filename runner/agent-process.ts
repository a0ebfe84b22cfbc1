import type { ChildProcess } from 'node:child_process'
import { createReadStream } from 'node:fs'
import type { Failure } from '../src/contract/failure.ts'
import { SwitchyardError } from '../src/contract/failure.ts'
import type { JobLimits } from '../src/contract/job.ts'
import type { AgentEvent, Invocation, ProcessEnd, Runtime, SeenEvents } from './agents/runtime.ts'
import type { Clock } from './clock.ts'
import { endedBy, type ProgramEnd } from './ended-by.ts'
import type { Launcher } from './launcher.ts'
import { closed } from './program-output.ts'
import { withoutSandbox } from './sandbox/without-sandbox.ts'
import { UsedTooMuchError } from './use/use-failures.ts'
import { type Guard, type GuardOptions, startGuard } from './watch/start-guard.ts'
import { startWatchdog, type Watchdog } from './watch/watchdog.ts'

/** How much of standard error is kept, in bytes. */
const STDERR_TAIL_BYTES = 8_192

/** How one agent process ended: by itself, or because it was stopped. */
export interface AgentRun {
  readonly end: ProcessEnd
  /** Why it was stopped: a watchdog's or a guard's failure, or null where it ended by itself or was asked to stop. */
  readonly expired: Failure | null
  readonly stopped: boolean
}

export interface AgentProcessOptions {
  readonly runtime: Pick<Runtime, 'parser'>
  readonly invocation: Invocation
  readonly promptFile: string
  readonly limits: JobLimits
  readonly guard: GuardOptions
  readonly clock: Clock
  /** Where it is started: inside the job's sandbox, or without one. */
  readonly launch: Launcher
  readonly onEvent: (event: AgentEvent) => void
  readonly onStarted: () => void
  /** Aborted to stop the agent: it is asked to end, and killed after the grace. */
  readonly stop: AbortSignal
}

/**
 * Runs one agent process to its end, and leaves nothing of it alive. Throws a `SwitchyardError` when it cannot start, or
 * when its sandbox cannot be made; an {@link UsedTooMuchError} when it used more than a job may.
 */
export async function runAgentProcess(options: AgentProcessOptions): Promise<AgentRun> {
  const { limits, clock, invocation } = options
  const launched = options.launch(invocation)
  const { child } = launched
  await started(child, invocation.file)
  options.onStarted()
  feed(child, invocation, options.promptFile)

  const ending = endOf(child)
  const over: { expired: Failure | null; cancelKill: (() => void) | null } = { expired: null, cancelKill: null }
  const terminate = (): void => {
    if (over.cancelKill !== null) return
    launched.terminate()
    over.cancelKill = clock.after(limits.killGraceMs, () => launched.kill())
  }
  // Whoever stops the agent first owns the cause; the others are silent from then on.
  const unwatch = (): void => {
    watchdog.stop()
    guard.stop()
    unwatchUse()
  }
  const expire = (failure: Failure): void => {
    unwatch()
    over.expired = failure
    terminate()
  }
  const cancel = (): void => {
    unwatch()
    terminate()
  }
  const passed: { failure: Failure | null } = { failure: null }
  const unwatchUse = launched.watch((failure) => {
    passed.failure = failure
    unwatch()
    // While it was asked to end it would go on.
    launched.kill()
  })
  const watchdog = startWatchdog(limits, clock, expire)
  const guard = startGuard(options.guard, expire)
  const output = readOutput(child, options, watchdog, guard, cancel)
  options.stop.addEventListener('abort', cancel)
  if (options.stop.aborted) cancel()

  const { exitCode, signal } = await ending
  unwatch()
  over.cancelKill?.()
  options.stop.removeEventListener('abort', cancel)
  const missing = await launched.leaveNothing()
  await closed(child, clock)
  output.finish()
  if (passed.failure !== null) throw new UsedTooMuchError(passed.failure)
  if (missing !== null) throw withoutSandbox(missing)
  output.tell((await invocation.leftBehind?.(output.seen())) ?? [])
  return {
    end: { exitCode, signal, sawEnd: output.seen().end, stderrTail: output.stderrTail() },
    expired: over.expired,
    stopped: options.stop.aborted && over.expired === null,
  }
}

async function started(child: ChildProcess, file: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new SwitchyardError(
          { cause: 'agent', message: `The agent's program "${file}" could not be started.` },
          { cause: error },
        ),
      )
    })
    child.once('spawn', resolve)
  })
}

function feed(child: ChildProcess, invocation: Invocation, promptFile: string): void {
  if (child.stdin === null) return
  // A program need not read its input: a broken pipe is no failure.
  child.stdin.on('error', () => undefined)
  if (invocation.stdin === 'none') child.stdin.end()
  else
    createReadStream(promptFile)
      .on('error', () => child.stdin?.end())
      .pipe(child.stdin)
}

async function endOf(child: ChildProcess): Promise<ProgramEnd> {
  return await new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve(endedBy(exitCode, signal)))
  })
}

function readOutput(child: ChildProcess, options: AgentProcessOptions, watchdog: Watchdog, guard: Guard, cancel: () => void) {
  const parser = options.runtime.parser()
  const seen: SeenEvents = { session: null, usage: {}, end: null }
  let tail = Buffer.alloc(0)
  function tell(events: readonly AgentEvent[]): void {
    for (const event of events) {
      watchdog.event()
      if (event.type === 'tool-end') watchdog.toolEnded()
      if (event.type === 'session') seen.session = event.id
      if (event.type === 'usage') seen.usage = event.usage
      if (event.type === 'end') {
        seen.end = event
        if (event.stop === true && child.exitCode === null && child.signalCode === null) cancel()
      }
      guard.event(event)
      options.onEvent(event)
    }
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    watchdog.byte()
    tell(parser.push(chunk))
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    watchdog.byte()
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL_BYTES)
  })
  return {
    finish: () => tell(parser.end()),
    tell,
    seen: (): SeenEvents => ({ ...seen }),
    stderrTail: (): string => tail.toString('utf8'),
  }
}
