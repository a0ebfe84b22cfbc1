import type { ChildProcess } from 'node:child_process'
import type { Clock } from './clock.ts'

/** How long open pipes are waited for after a program has ended, in ms: a child may hold them. */
const PIPES_GRACE_MS = 500

/** Waits until the pipes are read to their end; pipes that a stranger holds open are closed from our side. */
export async function closed(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.stdout?.readableEnded !== false && child.stderr?.readableEnded !== false) return
  await new Promise<void>((resolve) => {
    const cancel = clock.after(PIPES_GRACE_MS, resolve)
    child.once('close', () => {
      cancel()
      resolve()
    })
  })
  child.stdout?.destroy()
  child.stderr?.destroy()
}
