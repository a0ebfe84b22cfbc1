/** A line between two programs that a test can cut: everything through it hangs, or is reset, until it is mended. */
import { createServer, connect as open, type Socket } from 'node:net'

export interface TcpProxy {
  port: number
  /** `stall`: connections stay and nothing passes. `reset`: connections are reset, new ones too. */
  cut(how: 'stall' | 'reset'): void
  /** Connections that came since it was cut. */
  held(): number
  /** What stalled goes on, new connections pass. */
  mend(): void
  stop(): Promise<void>
}

/** Forwards to a port of this machine. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: 'open' | 'stall' | 'reset' = 'open'
  let held = 0
  const server = createServer((near) => {
    near.on('error', () => undefined)
    if (state !== 'open') held += 1
    if (state === 'reset') return void near.resetAndDestroy()
    const far = open(target)
    far.on('error', () => near.destroy())
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => void to.write(chunk))
      from.on('end', () => to.end())
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
      if (state === 'stall') from.pause()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    cut(how) {
      state = how
      held = 0
      for (const [near, far] of pairs) {
        if (how === 'stall') for (const socket of [near, far]) socket.pause()
        else for (const socket of [near, far]) socket.resetAndDestroy()
      }
    },
    held: () => held,
    mend() {
      state = 'open'
      for (const pair of pairs) for (const socket of pair) socket.resume()
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const pair of pairs) for (const socket of pair) socket.destroy()
      }),
  }
}
