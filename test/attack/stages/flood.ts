/** Connections and requests of one job that never end: what they take, they take from all jobs of the runner. */
import { connect, type Socket } from 'node:net'
import { JOB_TOKEN, type Model } from './model.ts'

/** Opens so many connections at once, and says a word on each; gives how many were answered and stay open. */
export async function connections({ port }: Model, count: number): Promise<{ open: number; closed: number }> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
  const ends = await Promise.all(
    sockets.map((socket) => {
      socket.write('GET / HTTP/1.1\r\nhost: gateway\r\n\r\n')
      return Promise.race([heardOn(socket).then(() => 'open'), closeOf(socket).then(() => 'closed')])
    }),
  )
  await Promise.all(sockets.map(left))
  const open = ends.filter((end) => end === 'open').length
  return { open, closed: count - open }
}

/** Sends so many requests, one after the other, and never the last byte of any; gives those taken whole, and what others were told. */
export async function requests({ port }: Model, count: number, bytes: number): Promise<{ waiting: number; refused: string[] }> {
  const head = `POST /v1/messages HTTP/1.1\r\nhost: gateway\r\nx-api-key: ${JOB_TOKEN}\r\ncontent-length: ${bytes + 1}\r\n\r\n`
  const sockets: Socket[] = []
  const ends: (string | null)[] = []
  for (let nth = 0; nth < count; nth += 1) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    socket.write(head)
    const sent = new Promise<null>((resolve) => socket.write(Buffer.alloc(bytes), () => resolve(null)))
    ends.push(await Promise.race([heardOn(socket), sent]))
  }
  await Promise.all(sockets.map(left))
  return { waiting: ends.filter((end) => end === null).length, refused: ends.flatMap((end) => end?.split('\r\n')[0] ?? []) }
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
