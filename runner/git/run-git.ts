import { type ExecFileException, execFile } from 'node:child_process'
import type { Redactor } from '../../src/contract/redact.ts'
import { GIT_MARKER, type GitCredential, type GitHome, gitEnvironment } from './git-environment.ts'
import { GitError } from './git-error.ts'

/** How long a git command that stays on this machine may take, in ms. */
export const LOCAL_TIMEOUT_MS = 120_000
/** How long a fetch or a push may take, in ms. */
export const NETWORK_TIMEOUT_MS = 600_000
/** Most output that is read of one command, in bytes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024
/** How much of stderr goes into a failure's detail, in characters. */
const STDERR_TAIL = 4_000
/** How much of its last line goes into the sentence, in characters. */
const LINE_MAX = 600

/** One git command. `gitDir` is always one that the host made: see docs of {@link createGit}. */
export interface GitCall {
  readonly args: readonly string[]
  readonly gitDir: string
  readonly workTree?: string
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly credential?: GitCredential
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** `latin1` keeps every byte, for file names that need not be UTF-8. */
  readonly encoding?: 'utf8' | 'latin1'
  /** Exit codes that are an answer and not a failure; 0 always is. */
  readonly answers?: readonly number[]
}

export interface GitOutput {
  readonly stdout: string
  readonly exitCode: number
}

/** Runs git. */
export type Git = (call: GitCall) => Promise<GitOutput>

/**
 * The one place where the runner starts git: no shell, a fixed environment, a time-out, an output limit. Two rules keep
 * code of the agent from running here: the git directory is never one that the agent could write (its clone's `.git` is
 * only read as plain files, see `agent-git-dir.ts`), and no command that would start a process inside a submodule is
 * used on the agent's folder. Throws {@link GitError}.
 *
 * @param mark by which the processes of a killed runner are found
 */
export function createGit(home: GitHome, redactor: Redactor, mark: string): Git {
  return async (call) => {
    const extra = {
      GIT_DIR: call.gitDir,
      [GIT_MARKER]: mark,
      ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
      ...call.env,
    }
    const { error, stdout, stderr } = await run(call, gitEnvironment(home, extra, call.credential))
    const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
    const kind = kindOf(error, call)
    if (kind === 'exit' && exitCode !== undefined && (exitCode === 0 || call.answers?.includes(exitCode) === true)) {
      return { stdout, exitCode }
    }
    const said = redactor.redact(stderr).slice(-STDERR_TAIL)
    const subcommand = call.args.find((arg) => !arg.startsWith('-')) ?? 'git'
    throw new GitError({ message: sentence(subcommand, kind, exitCode, said), detail: said, kind, exitCode })
  }
}

interface Ran {
  readonly error: ExecFileException | null
  readonly stdout: string
  readonly stderr: string
}

/** Node's own `execFile` and not execa: a job runs two dozen of these, and execa takes three times the processor time. */
function run(call: GitCall, env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve) => {
    const options = {
      cwd: call.workTree ?? call.gitDir,
      env,
      shell: false,
      encoding: call.encoding ?? ('utf8' as const),
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: timeoutOf(call),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    }
    const child = execFile('git', [...call.args], options, (error, stdout, stderr) => resolve({ error, stdout, stderr }))
    // Git need not read its input to the end: a broken pipe is no failure of ours.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(call.input ?? '', call.encoding ?? 'utf8')
  })
}

function timeoutOf(call: GitCall): number {
  return call.timeoutMs ?? (call.credential === undefined ? LOCAL_TIMEOUT_MS : NETWORK_TIMEOUT_MS)
}

function kindOf(error: ExecFileException | null, call: GitCall): GitError['kind'] {
  if (error === null) return 'exit'
  if (call.signal?.aborted === true && error.name === 'AbortError') return 'cancelled'
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'too-much-output'
  return error.killed === true ? 'timeout' : 'exit'
}

/** A long line without its middle: git names the path first and the reason last. */
function shortened(line: string): string {
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX / 2)} … ${line.slice(-LINE_MAX / 2)}`
}

function sentence(subcommand: string, kind: GitError['kind'], exitCode: number | undefined, stderr: string): string {
  const lastLine = shortened(stderr.trim().split('\n').at(-1) ?? '')
  switch (kind) {
    case 'timeout':
      return `git ${subcommand} took too long and was stopped.`
    case 'too-much-output':
      return `git ${subcommand} wrote more than ${MAX_OUTPUT_BYTES} bytes and was stopped.`
    case 'cancelled':
      return `git ${subcommand} was cancelled.`
    case 'refused':
    case 'exit':
      return `git ${subcommand} failed (exit ${exitCode ?? 'by signal'}): ${lastLine}`
  }
}
