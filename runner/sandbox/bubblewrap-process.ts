/** A started bubblewrap: what it is told, and how what is inside it is ended. */
import type { ChildProcess } from 'node:child_process'
import { type Launched, UNWATCHED } from '../launcher.ts'
import { signalGroup } from '../watch/process-tree.ts'
import { STATUS_FD } from './bubblewrap.ts'
import { firstProcess } from './first-process.ts'

/** How much of standard error is kept to say why there was no sandbox, in characters. */
const STDERR_TAIL_CHARS = 2_000

/** Tells it something by one of its file descriptors. */
export function write(child: ChildProcess, fd: number, what: Buffer): void {
  const stream = child.stdio[fd]
  if (stream === null || stream === undefined || !('end' in stream)) return
  // It ends before it has read where it cannot do what it was asked for, and says why.
  stream.on('error', () => undefined)
  stream.end(what)
}

/** @param asked who is asked to end: the program, which passes it on, or all that share its session */
export function handle(child: ChildProcess, asked: 'program' | 'group'): Launched {
  const first = firstProcess(child, STATUS_FD)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-STDERR_TAIL_CHARS)
  })
  // With bubblewrap ends its process namespace, and with that everything in it.
  const kill = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
  }
  return {
    child,
    // SIGTERM not to bubblewrap, which would end everything at once.
    terminate: () => first.terminate(asked),
    kill,
    watch: UNWATCHED,
    async leaveNothing() {
      kill()
      const { programStarted } = await first.gone()
      if (programStarted || child.exitCode === null) return null
      return said.trim().split('\n').at(-1) || `bubblewrap ended with exit code ${child.exitCode}`
    },
  }
}
