/** The first process of a sandbox, as bubblewrap tells of it on its status descriptor: with it everything inside ends. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { signalGroup } from '../watch/process-tree.ts'

/** Between two looks at whether something has begun or ended, in ms. */
const LOOK_MS = 5
/** How long the end of everything inside is waited for, in ms; only a process that hangs in the kernel takes longer. */
const GONE_WITHIN_MS = 10_000

const Status = z.union([
  z.object({ 'child-pid': z.int().positive() }).transform((told) => ({ first: told['child-pid'] })),
  z.object({ 'exit-code': z.int() }).transform(() => ({ ended: true })),
])

export interface FirstProcess {
  /** SIGTERM to the program inside, as soon as there is one; with `group` to what it started and did not lead away, too. */
  terminate(to: 'program' | 'group'): void
  /** Resolves when nothing inside is alive any more. `programStarted`: the sandbox was made, and the program begun. */
  gone(): Promise<{ readonly programStarted: boolean }>
}

/** Follows the status of one bubblewrap. */
export function firstProcess(child: ChildProcess, fd: number): FirstProcess {
  const told: { first: number | null; ended: boolean } = { first: null, ended: false }
  let text = ''
  const status = child.stdio[fd]
  status?.on('error', () => undefined)
  status?.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (const [object] of text.matchAll(/\{[^}]*\}/g)) {
      const parsed = Status.safeParse(JSON.parse(object))
      if (parsed.success) Object.assign(told, parsed.data)
    }
  })
  const closed = new Promise<void>((resolve) => {
    for (const event of ['close', 'error']) status?.once(event, () => resolve())
    child.once('error', () => resolve())
  })
  const alive = (): boolean => child.exitCode === null && child.signalCode === null

  async function terminate(to: 'program' | 'group'): Promise<void> {
    while (alive()) {
      const { first } = told
      const inside = first === null ? [] : childrenOf(first)
      // The first process leads the session, and does not listen to this signal itself.
      if (first !== null && inside.length > 0 && to === 'group') signalGroup(first, 'SIGTERM')
      else for (const id of inside) terminateProcess(id)
      if (inside.length > 0) return
      await wait(LOOK_MS)
    }
  }
  return {
    terminate: (to) => void terminate(to),
    async gone() {
      await closed
      const until = Date.now() + GONE_WITHIN_MS
      while (told.first !== null && isAlive(told.first) && Date.now() < until) await wait(LOOK_MS)
      return { programStarted: told.ended }
    },
  }
}

function childrenOf(id: number): number[] {
  const children = readOrEmpty(`/proc/${id}/task/${id}/children`).trim()
  return children === '' ? [] : children.split(' ').map(Number)
}

/** A namespace's first process is a zombie only when all others in it are gone; see pid_namespaces(7). */
function isAlive(id: number): boolean {
  const state = /^State:\s+(\S)/m.exec(readOrEmpty(`/proc/${id}/status`))?.[1]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function terminateProcess(id: number): void {
  try {
    process.kill(id, 'SIGTERM')
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
