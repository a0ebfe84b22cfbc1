/** The way out of a sandbox, before a host that must not be reached, and one that may. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { type EgressProxy, startProxy } from '../../../runner/egress/proxy.ts'
import { stage } from '../scene.ts'

export interface Way {
  readonly proxy: EgressProxy
  readonly socket: string
  /** A port of this machine's loopback; what is said to it is in `heard`. */
  readonly port: number
  readonly heard: string[]
  /** How often each name was resolved. */
  readonly asked: ReadonlyMap<string, number>
}

/** Names that are on the list, and where they lead. */
function addresses(asked: Map<string, number>): (host: string) => Promise<string[]> {
  return async (host) => {
    const nth = (asked.get(host) ?? 0) + 1
    asked.set(host, nth)
    switch (host) {
      case 'loopback.listed.test':
        return ['127.0.0.1', '::1']
      case 'metadata.listed.test':
        return ['169.254.169.254']
      case 'lan.listed.test':
        return ['10.0.0.7', '192.168.1.1', 'fd00::1']
      case 'mapped.listed.test':
        return ['::ffff:127.0.0.1', '64:ff9b::7f00:1', '::']
      case 'rebind.listed.test':
        // Who looks at the first answer and then connects by name is led elsewhere.
        return nth === 1 ? ['203.0.113.9'] : ['127.0.0.1']
      default:
        return []
    }
  }
}

export const wayOf = stage(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-way-'))
  const heard: string[] = []
  const asked = new Map<string, number>()
  const host = createServer((socket) => {
    heard.push('connected')
    socket.on('error', () => socket.destroy())
    socket.end('the host')
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(host.address())
  const socket = path.join(folder, 'proxy.sock')
  const proxy = await startProxy({ socket, allowed: [`*.listed.test:${port}`, 'registry.test'], resolve: addresses(asked) })
  const opened: Way = { proxy, socket, port, heard, asked }
  return {
    stage: opened,
    async close() {
      await proxy.close()
      await new Promise((resolve) => host.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
})

/** Asks for a tunnel, or with another method for a page; gives the status. */
export function askWay({ socket }: Way, target: string, method = 'CONNECT'): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: socket, method, path: target, headers: { host: target } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.once('connect', (response, tunnel) => {
      tunnel.destroy()
      resolve(response.statusCode ?? 0)
    })
    asked.once('error', () => resolve(0))
    asked.end()
  })
}
