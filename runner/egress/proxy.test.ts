import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EgressProxy, startProxy } from './proxy.ts'

let folder: string
let proxy: EgressProxy
let registry: Server
let port: number
const heard: string[] = []

beforeEach(async () => {
  heard.length = 0
  folder = await mkdtemp(path.join(tmpdir(), 'switchyard-egress-'))
  registry = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk.toString())
      socket.write(`you said ${chunk}`)
    })
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  const address = registry.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(async () => {
  await proxy.close()
  await new Promise((resolve) => registry.close(resolve))
  await rm(folder, { recursive: true })
})

const socketPath = () => path.join(folder, 'proxy.sock')

async function start(allowed: string[], more: { privateHosts?: string[]; resolve?: (host: string) => Promise<string[]> } = {}) {
  proxy = await startProxy({ socket: socketPath(), allowed, ...more })
}

/** Asks for a tunnel; gives the status, and the open connection or the refusal's text. */
function tunnel(target: string): Promise<{ status: number; socket: Socket; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socketPath(), method: 'CONNECT', path: target })
    asked.once('connect', (response, socket, head) => {
      resolve({ status: response.statusCode ?? 0, socket, text: head.toString() })
    })
    asked.once('error', reject)
    asked.end()
  })
}

describe('the way out of a sandbox', () => {
  it('tunnels to a host of the list, in both directions', async () => {
    await start([], { privateHosts: [`registry.test:${port}`], resolve: async () => ['127.0.0.1'] })
    const { status, socket } = await tunnel(`registry.test:${port}`)
    expect(status).toBe(200)
    socket.write('hello')
    expect(await new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))).toBe('you said hello')
    socket.destroy()
    expect(proxy.denied()).toEqual([])
  })

  it('refuses what is not on it, and remembers what was asked for and how often', async () => {
    await start(['npm.example.org'], { resolve: async () => ['127.0.0.1'] })
    for (const target of ['evil.test:443', 'evil.test:443', `127.0.0.1:${port}`, '[::1]:443', 'npm.example.org:80', 'x'])
      expect((await tunnel(target)).status, target).toBe(403)
    expect(proxy.denied()).toEqual([
      { host: 'evil.test', port: 443, why: 'not-listed', count: 2 },
      { host: '127.0.0.1', port, why: 'not-listed', count: 1 },
      { host: '::1', port: 443, why: 'not-listed', count: 1 },
      { host: 'npm.example.org', port: 80, why: 'not-listed', count: 1 },
      { host: 'x', port: 443, why: 'not-listed', count: 1 },
    ])
    expect(heard).toEqual([])
  })

  it('refuses a listed name that resolves to this machine, its network or a metadata service', async () => {
    const addresses: Record<string, string[]> = {
      'loop.test': ['127.0.0.1', '::1'],
      'meta.test': ['169.254.169.254'],
      'lan.test': ['10.0.0.7'],
      'none.test': [],
    }
    const names = Object.keys(addresses).map((name) => `${name}:${port}`)
    await start(names, { resolve: async (host) => addresses[host] ?? [] })
    for (const name of ['loop.test', 'meta.test', 'lan.test']) expect((await tunnel(`${name}:${port}`)).status).toBe(403)
    expect((await tunnel(`none.test:${port}`)).status).toBe(502)
    expect(proxy.denied().map(({ host, why }) => `${host} ${why}`)).toEqual([
      'loop.test private-address',
      'meta.test private-address',
      'lan.test private-address',
    ])
    expect(heard).toEqual([])
  })

  it('resolves a name once per tunnel and connects to what it looked at', async () => {
    let asked = 0
    await start([`rebind.test:${port}`], {
      resolve: async () => {
        asked += 1
        return asked === 1 ? ['203.0.113.9', '10.0.0.1'] : ['127.0.0.1']
      },
    })
    expect((await tunnel(`rebind.test:${port}`)).status).toBe(403)
    expect(asked).toBe(1)
    expect(heard).toEqual([])
  })

  it('does not fetch plain addresses', async () => {
    await start([`registry.test`], { resolve: async () => ['127.0.0.1'] })
    const status = await new Promise((resolve, reject) => {
      const asked = request({ socketPath: socketPath(), path: `http://registry.test:${port}/secret` }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.once('error', reject)
      asked.end()
    })
    expect(status).toBe(403)
    expect(proxy.denied()).toEqual([{ host: 'registry.test', port, why: 'not-a-tunnel', count: 1 }])
  })
})
