import type { ChildProcess } from 'node:child_process'
import type { Clock } from './clock.ts'
import { endedBy } from './ended-by.ts'
import type { Launcher } from './launcher.ts'
import { closed } from './program-output.ts'

/** How much of a command's output is kept while it runs, in bytes: more than is reported, as redaction comes before cutting. */
const TAIL_BYTES = 64 * 1024

export interface CommandToRun {
  /** What `sh -c` is given. */
  readonly run: string
  readonly cwd: string
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** From being asked to end to being killed, in ms. */
  readonly killGraceMs: number
  readonly clock: Clock
  /** Where it is started: inside the job's sandbox, or without one. */
  readonly launch: Launcher
  /** Aborted to stop it. */
  readonly stop: AbortSignal
}

/** How a command ended. */
export interface CommandEnd {
  readonly ok: boolean
  /** Why it is not well, where its output does not say: it could not start, or was stopped. */
  readonly why: string | null
  /** The end of standard output and standard error, in the order of their coming; not redacted. */
  readonly output: string
}

/** Runs one shell command to its end, or until its time is up, and leaves nothing of it alive. Never throws. */
export async function runCommand({ clock, stop, launch, ...command }: CommandToRun): Promise<CommandEnd> {
  if (stop.aborted) return { ok: false, why: 'It was not started: the job was stopped.', output: '' }
  const launched = launch({ file: 'sh', args: ['-c', command.run], cwd: command.cwd, env: command.env })
  const { child } = launched
  child.stdin?.on('error', () => undefined)
  child.stdin?.end()
  let tail = Buffer.alloc(0)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES)
    })
  }
  const over: { expired: boolean; passed: string | null; cancelKill: (() => void) | null } = {
    expired: false,
    passed: null,
    cancelKill: null,
  }
  const unwatch = launched.watch(({ message }) => {
    over.passed = message
    launched.kill()
  })
  const terminate = (): void => {
    if (over.cancelKill !== null) return
    launched.terminate()
    over.cancelKill = clock.after(command.killGraceMs, () => launched.kill())
  }
  const cancelTimeout = clock.after(command.timeoutMs, () => {
    over.expired = true
    terminate()
  })
  stop.addEventListener('abort', terminate)

  // Not the end of its pipes, which a child may hold open: the end of the shell is what counts.
  const notStarted = await ended(child)
  cancelTimeout()
  unwatch()
  over.cancelKill?.()
  stop.removeEventListener('abort', terminate)
  const missing = await launched.leaveNothing()
  if (notStarted === null) await closed(child, clock)
  const output = tail.toString('utf8')
  return { ...judged(), output }

  function judged(): Pick<CommandEnd, 'ok' | 'why'> {
    const { exitCode, signal } = endedBy(child.exitCode, child.signalCode)
    if (over.passed !== null) return { ok: false, why: over.passed }
    if (over.expired) return { ok: false, why: `It was stopped after ${command.timeoutMs / 1_000} s, its time-out.` }
    if (stop.aborted) return { ok: false, why: 'It was stopped with the job.' }
    if (notStarted !== null) return { ok: false, why: `It could not be started: ${notStarted.message}` }
    if (missing !== null) return { ok: false, why: `It was not started, as its sandbox could not be made: ${missing}` }
    if (exitCode === 0) return { ok: true, why: null }
    return { ok: false, why: signal === null ? `It ended with exit code ${exitCode}.` : `It was ended by ${signal}.` }
  }
}

/** The error of a program that could not be started, null for one that was and has ended. */
function ended(child: ChildProcess): Promise<Error | null> {
  return new Promise((resolve) => {
    child.once('error', resolve)
    child.once('exit', () => resolve(null))
  })
}
