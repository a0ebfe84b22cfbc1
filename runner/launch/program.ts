import { type ExecFileException, execFile } from 'node:child_process'
import { giveUpFirst } from '../watch/process-tree.ts'

/** A program to be run to its end, without a shell. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Its standard input; absent: none. */
  readonly input?: Uint8Array
  /** It is stopped after this time, in ms. */
  readonly timeoutMs: number
  /** It is stopped when one of its outputs is larger than this, in bytes. */
  readonly maxOutputBytes: number
}

/** How a program ended. */
export interface Ended {
  /** Null: by a signal, or it could not be started. */
  readonly exitCode: number | null
  /** Why we stopped it; null where it ended by itself. */
  readonly stopped: 'timeout' | 'too-much-output' | 'cancelled' | null
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Runs a program. Never rejects. */
export type Launch = (program: Program, signal?: AbortSignal) => Promise<Ended>

/** Node's own `execFile` and not execa: a job runs two dozen programs, and execa takes three times the processor time. */
export const launchHere: Launch = (program, signal) =>
  new Promise((resolve) => {
    const options = {
      cwd: program.cwd,
      env: program.env,
      shell: false,
      encoding: 'buffer' as const,
      maxBuffer: program.maxOutputBytes,
      timeout: program.timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    }
    const child = execFile(program.file, [...program.args], options, (error, stdout, stderr) => {
      const said = error !== null && stderr.length === 0 ? Buffer.from(notStarted(error)) : stderr
      resolve({ exitCode: exitCodeOf(error), stopped: stoppedBy(error, signal), stdout, stderr: said })
    })
    // It reads what agents made: where that takes all memory, the runner is not what ends.
    giveUpFirst(child)
    // A program need not read its input to the end: a broken pipe is no failure of ours.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(program.input)
  })

function exitCodeOf(error: ExecFileException | null): number | null {
  if (error === null) return 0
  return typeof error.code === 'number' ? error.code : null
}

function stoppedBy(error: ExecFileException | null, signal: AbortSignal | undefined): Ended['stopped'] {
  if (error === null) return null
  if (signal?.aborted === true && error.name === 'AbortError') return 'cancelled'
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'too-much-output'
  return error.killed === true ? 'timeout' : null
}

/** The system's word where there was no program to say one. */
function notStarted(error: ExecFileException): string {
  return typeof error.code === 'string' ? error.message : ''
}
