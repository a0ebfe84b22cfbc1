/**
 * Starts programs from a small process. To start one, Linux copies the page tables of whoever starts it: from a process of
 * 600 MB (an app with its embedded database, and a runner in it) that took 35 ms, from a runner alone 5 to 10, and nothing
 * else could happen there meanwhile; from the small one it takes 2, and the runner goes on.
 */
import { type ChildProcess, fork } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Ended, Launch, Program } from './program.ts'

const CHILD = fileURLToPath(new URL('launcher-child.ts', import.meta.url))
/** What it read is thrown away soon, in MiB: what it has for that is copied as well. */
const SEMI_SPACE_MIB = 2

export interface Launcher {
  readonly launch: Launch
  /** Ends the small process, once nothing is under way in it. */
  stop(): void
}

/** What is told to the small process. */
export type Order = { readonly id: number; readonly program: Program } | { readonly cancel: number }
/** What it answers. */
export interface Answer {
  readonly id: number
  readonly ended: Ended
}

/** Starts the small process with the first program that is to be started by it; it ends with this one, at the latest. */
export function createLauncher(): Launcher {
  const waiting = new Map<number, (ended: Ended) => void>()
  let child: ChildProcess | null = null
  let last = 0

  function helper(): ChildProcess {
    if (child !== null) return child
    const started = fork(CHILD, [], {
      execArgv: [`--max-semi-space-size=${SEMI_SPACE_MIB}`],
      // Every program is given the whole of its environment: the small process needs no secret of the large one.
      env: { PATH: process.env.PATH },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    started.unref()
    started.on('message', (answer: Answer) => {
      waiting.get(answer.id)?.(answer.ended)
      settle(answer.id)
    })
    // It is gone, and what it had started has nobody to read its output: git ends of that. The next program has a new one.
    started.once('close', () => lost(started))
    started.once('error', () => lost(started))
    child = started
    return started
  }
  function settle(id: number): void {
    waiting.delete(id)
    if (waiting.size === 0) child?.channel?.unref()
  }
  function lost(which: ChildProcess): void {
    if (child !== which) return
    child = null
    for (const [id, tell] of waiting) {
      tell({ exitCode: null, stopped: null, stdout: NOTHING, stderr: Buffer.from('the process that starts programs was lost') })
      settle(id)
    }
  }
  function order(what: Order): void {
    // What cannot be told any more is answered by `lost`.
    helper().send(what, () => undefined)
  }

  return {
    launch(program, signal) {
      if (signal?.aborted === true) {
        return Promise.resolve({ exitCode: null, stopped: 'cancelled', stdout: NOTHING, stderr: NOTHING })
      }
      last += 1
      const id = last
      return new Promise((resolve) => {
        const cancel = (): void => order({ cancel: id })
        signal?.addEventListener('abort', cancel, { once: true })
        waiting.set(id, (ended) => {
          signal?.removeEventListener('abort', cancel)
          resolve(ended)
        })
        helper().channel?.ref()
        order({ id, program })
      })
    },
    stop() {
      child?.disconnect()
    },
  }
}

const NOTHING = Buffer.alloc(0)
