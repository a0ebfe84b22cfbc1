/** The small process of `launcher.ts`. It imports next to nothing: its size is what it is there for. */
import process from 'node:process'
import type { Answer, Order } from './launcher.ts'
import { launchHere } from './program.ts'

const running = new Map<number, AbortController>()

// Only its parent speaks to it, in the types of this very version.
process.on('message', (order: Order) => {
  if ('cancel' in order) {
    running.get(order.cancel)?.abort()
    return
  }
  const { id, program } = order
  const stopping = new AbortController()
  running.set(id, stopping)
  void launchHere(program, stopping.signal).then((ended) => {
    running.delete(id)
    const answer: Answer = { id, ended }
    if (process.connected) process.send?.(answer)
    else if (running.size === 0) process.exit()
  })
})

// A terminal's Ctrl-C is for the runner: it hands its jobs back, and needs git for that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
// With nobody left to tell, what still runs is as it would be without this process: git ends when its output is not read.
process.once('disconnect', () => process.exit())
