/** Connections and requests of one job that never end: what they take, they take from all jobs of the runner. */
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { JOB_TOKEN, type Model } from './model.ts'

/** How long refusals are waited for that may never come, in ms. */
const GIVE_UP_MS = 20_000

/** Opens so many connections at once, and says a word on each; gives how many were answered and stay open. */
export async function connections({ port }: Model, count: number): Promise<{ open: number; closed: number }> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
  const ends = await Promise.all(
    sockets.map((socket) => {
      socket.write('GET / HTTP/1.1\r\nhost: gateway\r\n\r\n')
      return Promise.race([heardOn(socket).then(() => 'open'), closeOf(socket).then(() => 'closed')])
    }),
  )
  // Ended and not cut, so that the gateway has its connections back when this returns.
  const gone = sockets.map((socket) => (socket.closed ? undefined : closeOf(socket)))
  for (const socket of sockets) socket.end()
  await Promise.all(gone)
  const open = ends.filter((end) => end === 'open').length
  return { open, closed: count - open }
}

/**
 * Sends so many requests, one after the other, and never the last byte of any, until as many as expected are refused; gives those
 * that are still waited for, and what the others were told.
 */
export async function requests(
  { port }: Model,
  { count, bytes, refusals }: { count: number; bytes: number; refusals: number },
): Promise<{ waiting: number; refused: string[] }> {
  const head = `POST /v1/messages HTTP/1.1\r\nhost: gateway\r\nx-api-key: ${JOB_TOKEN}\r\ncontent-length: ${bytes + 1}\r\n\r\n`
  const refused: string[] = []
  const sockets: Socket[] = []
  const enough = Promise.withResolvers<void>()
  for (let nth = 0; nth < count; nth += 1) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    // Who was refused may be cut off before all is sent.
    socket.on('error', () => undefined)
    const told = heardOn(socket).then((heard) => {
      refused.push(heard.split('\r\n')[0] ?? '')
      if (refused.length >= refusals) enough.resolve()
    })
    socket.write(head)
    const sent = new Promise((resolve) => socket.write(Buffer.alloc(bytes), resolve))
    await Promise.race([sent, told])
  }
  await Promise.race([enough.promise, wait(GIVE_UP_MS, undefined, { ref: false })])
  const waiting = count - refused.length
  await Promise.all(sockets.map(left))
  return { waiting, refused }
}

function heardOn(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (heard) => resolve(heard.toString())))
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })
}

function left(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve()
  const gone = closeOf(socket)
  socket.destroy()
  return gone
}
