/** Starts programs for tests: a test's process is large, and starting one from it takes long (see `runner/launch`). */
import process from 'node:process'
import { createLauncher } from '../../runner/launch/launcher.ts'
import type { Ended } from '../../runner/launch/program.ts'

/** Longer than any program of a test, in ms. */
const TIMEOUT_MS = 600_000
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024

export interface ToRun {
  cwd?: string
  /** Laid over the environment of this process. */
  env?: Readonly<Record<string, string>>
  input?: string | Uint8Array
  signal?: AbortSignal
}

/** One for all tests of a file: it has no state but its process. */
const launcher = createLauncher()

/** What a runner of a test starts its git by. */
export const { launch } = launcher

/** Runs a program to its end. Never rejects. */
export function launched(
  file: string,
  args: readonly string[],
  { cwd = '/', env = {}, input, signal }: ToRun = {},
): Promise<Ended> {
  const program = {
    file,
    args,
    cwd,
    env: { ...inherited(), ...env },
    ...(input === undefined ? {} : { input: typeof input === 'string' ? Buffer.from(input) : input }),
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  }
  return launcher.launch(program, signal)
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** Its standard output without the last line feed; throws where it does not end well. */
export async function outputOf(file: string, args: readonly string[], options: ToRun = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await launched(file, args, options)
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${exitCode ?? 'a signal'}: ${stderr.toString()}`)
  return stdout.toString().replace(/\n$/, '')
}
