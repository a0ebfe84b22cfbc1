/**
 * The one way out of a sandbox beside the model gateway: an HTTP proxy on a unix socket that tunnels (`CONNECT`) to the
 * hosts of an allow-list and to no other. The name is resolved here, every address is looked at, and the connection goes
 * to the very address that was looked at: a name that resolves differently the second time gains nothing.
 */
import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DENIED_MAX, type DeniedHost } from '../../src/contract/sandbox.ts'
import { isPublicAddress } from './addresses.ts'
import { isAllowed } from './allow-list.ts'

/** How long a connection may take to come about, in ms. */
const CONNECT_MS = 15_000
/** Most tunnels of one job at the same time. */
const MAX_TUNNELS = 100
/** Most connections of one job, tunnels or not: beyond that nobody is answered, as all jobs share the files of the runner. */
const CONNECTIONS_MAX = 2 * MAX_TUNNELS

/** Longest name that is remembered of a refusal, in characters; there is none that is longer. */
const HOST_MAX_CHARS = 253

export interface ProxyOptions {
  /** Path of the unix socket; only who may open it can use the proxy. */
  readonly socket: string
  readonly allowed: readonly string[]
  /** Of all that is allowed only these, where it is given. */
  readonly within?: readonly string[]
  /** Hosts with a private address that the deployment allows all the same, as `host:port`: its own package registry. */
  readonly privateHosts?: readonly string[]
  /** Gives the addresses of a name; the system's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

export interface EgressProxy {
  /** What was refused so far, the first time it was asked for first. */
  denied(): readonly DeniedHost[]
  close(): Promise<void>
}

/** Opens the proxy. Throws where the socket cannot be made. */
export async function startProxy(options: ProxyOptions): Promise<EgressProxy> {
  const denied = new Map<string, DeniedHost>()
  const sockets = new Set<Duplex>()
  const deny = (asked: string, port: number, why: DeniedHost['why']): void => {
    const host = asked.slice(0, HOST_MAX_CHARS)
    const key = `${host}:${port} ${why}`
    const before = denied.get(key)
    if (before !== undefined || denied.size < DENIED_MAX) denied.set(key, { host, port, why, count: (before?.count ?? 0) + 1 })
  }

  const server = createServer((request, response) => {
    // Without TLS whatever is fetched could be changed on the way, and what is sent be read: only tunnels.
    const { hostname, port } = targetOf(request.url ?? '')
    deny(hostname, port, 'not-a-tunnel')
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' })
    response.end('This proxy only tunnels (CONNECT) to the https hosts that the configuration allows.\n')
  })
  server.on('connect', (request: IncomingMessage, inside: Duplex, head: Buffer) => {
    void tunnel(options, sockets, deny, request.url ?? '', inside, head)
  })
  server.on('connection', (socket: Socket) => track(sockets, socket))
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.socket, resolve)
  })
  return {
    denied: () => [...denied.values()],
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function tunnel(
  options: ProxyOptions,
  sockets: Set<Duplex>,
  deny: (host: string, port: number, why: DeniedHost['why']) => void,
  target: string,
  inside: Duplex,
  head: Buffer,
): Promise<void> {
  inside.on('error', () => inside.destroy())
  const { hostname, port } = targetOf(`https://${target}`)
  const own = isAllowed(options.privateHosts ?? [], hostname, port)
  if (!own && !isAllowed(options.allowed, hostname, port)) {
    deny(hostname, port, 'not-listed')
    return refuse(inside, 403, `${hostname}:${port} is not on the list of hosts that this runner's jobs may reach.`)
  }
  if (options.within !== undefined && !isAllowed(options.within, hostname, port)) {
    deny(hostname, port, 'left-out')
    return refuse(inside, 403, `${hostname}:${port} is not among the hosts that this job's repository leaves it.`)
  }
  if (sockets.size > MAX_TUNNELS * 2) return refuse(inside, 503, 'Too many connections at the same time.')
  const addresses = await (options.resolve ?? systemResolve)(hostname).catch(() => [])
  const address = addresses.find((one) => own || isPublicAddress(one))
  if (address === undefined) {
    if (addresses.length === 0) return refuse(inside, 502, `${hostname} has no address.`)
    deny(hostname, port, 'private-address')
    return refuse(inside, 403, `${hostname} resolves to a private address.`)
  }
  const outside = connect({ host: address, port, timeout: CONNECT_MS })
  track(sockets, outside)
  outside.once('connect', () => {
    outside.setTimeout(0)
    inside.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    outside.write(head)
    inside.pipe(outside)
    outside.pipe(inside)
  })
  outside.once('timeout', () => outside.destroy(new Error('timed out')))
  outside.once('error', () => (outside.connecting ? refuse(inside, 502, `${hostname} cannot be reached.`) : inside.destroy()))
  inside.once('close', () => outside.destroy())
  outside.once('close', () => inside.destroy())
}

function refuse(inside: Duplex, status: number, why: string): void {
  const reason = status === 403 ? 'Forbidden' : status === 503 ? 'Service Unavailable' : 'Bad Gateway'
  inside.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${why}\n`)
}

function targetOf(url: string): { hostname: string; port: number } {
  try {
    const parsed = new URL(url)
    const port = parsed.port === '' ? (parsed.protocol === 'https:' ? 443 : 80) : Number(parsed.port)
    return { hostname: parsed.hostname.replace(/^\[|\]$/g, ''), port }
  } catch {
    return { hostname: url.slice(0, 260), port: 0 }
  }
}

async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

function track(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}
