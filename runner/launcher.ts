/**
 * How a job's programs are started and ended: agents, and the commands of the configuration. The runner holds no other
 * handle on them than {@link Launched}. Inside a sandbox that is `sandbox/launch.ts`, without one it is here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Failure } from '../src/contract/failure.ts'
import type { JobUse } from './use/use-watch.ts'
import { giveUpFirst, JOB_MARKER, signalGroup, sweepMarked } from './watch/process-tree.ts'

/** What is started, without a shell. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Files and folders outside of the system's that it needs to see; a sandbox shows them, and no other. */
  readonly reads?: readonly string[]
}

/** A program at work. */
export interface Launched {
  /** Its input and output are pipes. Its `error` event tells that it could not be started. */
  readonly child: ChildProcess
  /** Asks the program and those it started to end. */
  terminate(): void
  /** Ends them. */
  kill(): void
  /**
   * To be called when the program has ended: nothing of it is alive any more when this resolves. Gives why the sandbox was
   * not there for it, null where it was or where there is none.
   */
  leaveNothing(): Promise<string | null>
  /** Hears of it, once at most, when what the job's programs use passes what a job may; until the answer is called. */
  watch(passed: (failure: Failure) => void): () => void
}

/** Of a program that nobody watches. */
export const UNWATCHED: Launched['watch'] = () => () => undefined

/** The same launcher, with what its programs use watched. */
export function watched(launcher: Launcher, use: JobUse): Launcher {
  return (program) => {
    const launched = launcher(program)
    return { ...launched, watch: (passed) => use.program(launched.child, passed) }
  }
}

/** Starts a program where a job's programs belong. */
export type Launcher = (program: Program) => Launched

/**
 * Starts programs beside the runner, in process groups of their own. Children that left the group are found by the mark in
 * their environment; one that also cleared that is not found.
 *
 * @param mark the value of `marks[JOB_MARKER]`
 */
export function bareLauncher(mark: string, marks: Readonly<Record<string, string>>): Launcher {
  return ({ file, args, cwd, env }) => {
    const whole = { ...env, ...marks, [JOB_MARKER]: mark }
    const child = spawn(file, [...args], { cwd, env: whole, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    giveUpFirst(child)
    const signal = (name: NodeJS.Signals): void => {
      if (child.pid !== undefined) signalGroup(child.pid, name)
    }
    return {
      child,
      terminate: () => signal('SIGTERM'),
      kill: () => signal('SIGKILL'),
      async leaveNothing() {
        signal('SIGKILL')
        if (child.pid !== undefined) sweepMarked(JOB_MARKER, mark, child.pid)
        return null
      },
      watch: UNWATCHED,
    }
  }
}
