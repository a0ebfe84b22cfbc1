import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf } from '../../src/web/dashboard/loopback.ts'
import { seedDay } from './demo-state.ts'
import { ask } from './http.ts'
import { type Served, serveDashboard } from './serve.ts'

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describe('who may look at the dashboard', () => {
  let served: Served
  beforeAll(async () => {
    served = await serveDashboard('0.0.0.0')
    await seedDay(served.store)
  })
  afterAll(() => served.close())

  test('a name of this machine is answered', async () => {
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', 'yard.localhost', '127.0.0.9']) {
      const { status } = await ask(served.port, '/', { headers: { host: `${host}:${served.port}` } })
      expect(status, host).toBe(200)
    }
  })

  test('another name is refused, with the reason and the remedy, on every path', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1']) {
      for (const path of ['/', '/runs/k3f9', '/runs/k3f9/log', '/runs/k3f9/log.txt', '/queue', '/nothing']) {
        const { status, body } = await ask(served.port, path, { headers: { host } })
        expect(status, `${host} ${path}`).toBe(403)
        expect(body).toContain('addressed to a name that is not this machine')
        expect(body).toContain('ssh -L')
        expect(body).not.toContain('acme')
      }
    }
  })

  test('a name that is none is refused too', async () => {
    for (const host of ['127.0.0.1@evil.example', 'localhost/', '::1']) {
      const { status, body } = await ask(served.port, '/', { headers: { host } })
      expect(status, host).toBeGreaterThanOrEqual(400)
      expect(body).not.toContain('acme')
    }
  })

  test('what a proxy passed on is refused, although the proxy is on this machine', async () => {
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'cf-connecting-ip']) {
      const { status, body } = await ask(served.port, '/', { headers: { [header]: '203.0.113.9' } })
      expect(status, header).toBe(403)
      expect(body).toContain('passed on by a proxy')
    }
  })

  test('so is what a proxy passed on without saying so, in the HTTP that only proxies speak', async () => {
    const answered = Promise.withResolvers<string>()
    const socket = connect(served.port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n'))
    let text = ''
    socket.on('data', (part) => {
      text += part
    })
    socket.on('end', () => answered.resolve(text))
    socket.on('error', answered.reject)
    expect(await answered.promise).toMatch(/^HTTP\/1.1 403 /)
  })

  test.skipIf(elsewhere === undefined)(
    'a connection to another address of this machine is refused, whatever name it gives (skipped without a network)',
    async () => {
      const { status, body } = await ask(served.port, '/', { host: elsewhere ?? '', headers: { host: 'localhost' } })
      expect(status).toBe(403)
      expect(body).toContain('came over the network')
    },
  )
})

describe('refusalOf', () => {
  test('knows loopback addresses in each of their spellings', () => {
    for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1']) {
      expect(refusalOf({ address, host: 'localhost', proxied: false }), address).toBeNull()
    }
    for (const address of [undefined, '', '10.0.0.1', '::', '::2', '::ffff:10.0.0.1', '127.evil', '1270.0.0.1', 'localhost']) {
      expect(refusalOf({ address, host: 'localhost', proxied: false }), address).toBe('address')
    }
  })

  test('lets no other host name through', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.webAuthority(), fc.string()), (host) => {
        fc.pre(!/^(localhost|[a-z0-9.-]*\.localhost|127\.[\d.]+|\[::1\]|\[::ffff:127\.[\d.]+\])(:\d{1,5})?$/i.test(host))
        fc.pre(!host.endsWith('.localhost'))
        expect(refusalOf({ address: '127.0.0.1', host, proxied: false })).toBe('host')
      }),
    )
  })
})
