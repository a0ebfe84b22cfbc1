import { execa } from 'execa'
import type { Wrap } from './agent-process.ts'
import type { Clock } from './clock.ts'
import { JOB_MARKER, signalGroup, sweepMarked } from './watch/process-tree.ts'

/** How much of a command's output is kept while it runs, in bytes: more than is reported, as redaction comes before cutting. */
const TAIL_BYTES = 64 * 1024
/** How long open pipes are waited for after the command has ended, in ms: a child may hold them. */
const PIPES_GRACE_MS = 500

export interface CommandToRun {
  /** What `sh -c` is given. */
  readonly run: string
  readonly cwd: string
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** From SIGTERM to SIGKILL for the process group, in ms. */
  readonly killGraceMs: number
  /** By which its processes are found; it must be in `env` as {@link JOB_MARKER}. */
  readonly mark: string
  readonly clock: Clock
  readonly wrap: Wrap
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

/**
 * Runs one shell command in a process group of its own, and leaves nothing of it alive: when it ends or its time is up,
 * the group is killed, and so are children that left the group. Never throws.
 */
export async function runCommand({ clock, stop, ...command }: CommandToRun): Promise<CommandEnd> {
  if (stop.aborted) return { ok: false, why: 'It was not started: the job was stopped.', output: '' }
  const { file, args, cwd, env } = command.wrap({
    file: 'sh',
    args: ['-c', command.run],
    cwd: command.cwd,
    env: { ...command.env },
    stdin: 'none',
  })
  const options = { cwd, env, extendEnv: false, detached: true, stdin: 'ignore', all: true } as const
  const child = execa(file, args, { ...options, buffer: false, reject: false })
  let tail = Buffer.alloc(0)
  child.all.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES)
  })
  const { pid, nodeChildProcess } = child
  const over: { expired: boolean; cancelKill: (() => void) | null } = { expired: false, cancelKill: null }
  const terminate = (): void => {
    if (pid === undefined || over.cancelKill !== null) return
    signalGroup(pid, 'SIGTERM')
    over.cancelKill = clock.after(command.killGraceMs, () => signalGroup(pid, 'SIGKILL'))
  }
  const cancelTimeout = clock.after(command.timeoutMs, () => {
    over.expired = true
    terminate()
  })
  stop.addEventListener('abort', terminate)

  // The promise of execa waits for the pipes, which a child may hold open: the end of the shell is what counts.
  const ended = await Promise.race([new Promise<null>((resolve) => nodeChildProcess.once('exit', () => resolve(null))), child])
  cancelTimeout()
  over.cancelKill?.()
  stop.removeEventListener('abort', terminate)
  if (pid !== undefined) {
    signalGroup(pid, 'SIGKILL')
    sweepMarked(JOB_MARKER, command.mark, pid)
  }
  const result = ended ?? (await withGrace(clock, child))
  if (result === null) child.all.destroy()
  const exitCode = nodeChildProcess.exitCode
  const stopped = stop.aborted || over.expired
  const output = tail.toString('utf8')
  if (!stopped && exitCode === 0) return { ok: true, why: null, output }
  if (over.expired) return { ok: false, why: `It was stopped after ${command.timeoutMs / 1_000} s, its time-out.`, output }
  if (stop.aborted) return { ok: false, why: 'It was stopped with the job.', output }
  if (pid === undefined) return { ok: false, why: `It could not be started: ${notStarted(result)}`, output }
  const signal = nodeChildProcess.signalCode
  return { ok: false, why: signal === null ? `It ended with exit code ${exitCode}.` : `It was ended by ${signal}.`, output }
}

async function withGrace<T>(clock: Clock, ending: PromiseLike<T>): Promise<T | null> {
  let cancel: () => void = () => undefined
  const grace = new Promise<null>((resolve) => {
    cancel = clock.after(PIPES_GRACE_MS, () => resolve(null))
  })
  try {
    return await Promise.race([ending, grace])
  } finally {
    cancel()
  }
}

function notStarted(result: { readonly originalMessage?: string | undefined } | null): string {
  return result?.originalMessage ?? 'the system gave no reason.'
}
