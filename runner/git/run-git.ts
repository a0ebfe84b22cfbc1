import type { Redactor } from '../../src/contract/redact.ts'
import { type Ended, type Launch, launchHere } from '../launch/program.ts'
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
export function createGit(home: GitHome, redactor: Redactor, mark: string, launch: Launch = launchHere): Git {
  return async (call) => {
    const extra = {
      GIT_DIR: call.gitDir,
      [GIT_MARKER]: mark,
      ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
      ...call.env,
    }
    const ended = await run(launch, call, gitEnvironment(home, extra, call.credential))
    const exitCode = ended.exitCode ?? undefined
    const kind = ended.stopped ?? 'exit'
    if (kind === 'exit' && exitCode !== undefined && (exitCode === 0 || call.answers?.includes(exitCode) === true)) {
      return { stdout: ended.stdout.toString(call.encoding ?? 'utf8'), exitCode }
    }
    const said = redactor.redact(ended.stderr.toString()).slice(-STDERR_TAIL)
    const subcommand = call.args.find((arg) => !arg.startsWith('-')) ?? 'git'
    throw new GitError({ message: sentence(subcommand, kind, exitCode, said), detail: said, kind, exitCode })
  }
}

function run(launch: Launch, call: GitCall, env: Record<string, string>): Promise<Ended> {
  const { args, input = '', encoding = 'utf8', signal } = call
  const program = {
    file: 'git',
    args,
    cwd: call.workTree ?? call.gitDir,
    env,
    input: typeof input === 'string' ? Buffer.from(input, encoding) : input,
    timeoutMs: timeoutOf(call),
    maxOutputBytes: MAX_OUTPUT_BYTES,
  }
  return launch(program, signal)
}

function timeoutOf(call: GitCall): number {
  return call.timeoutMs ?? (call.credential === undefined ? LOCAL_TIMEOUT_MS : NETWORK_TIMEOUT_MS)
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
