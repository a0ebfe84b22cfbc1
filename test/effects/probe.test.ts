import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createProbe } from '../../src/effects/probe.ts'
import { createAddressCheck } from '../../src/effects/public-address.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<{ url: string; port: number; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, port, asked }
}

const anywhere = createProbe({ allowPrivate: true })

describe('a probe', () => {
  it.each([
    [200, 'good'],
    [204, 'good'],
    [404, 'bad'],
    [500, 'bad'],
  ])('takes %i for %s, with one request', async (status, state) => {
    const { url, asked } = await serve((_request, response) => response.writeHead(status).end())
    expect(await anywhere(`${url}health?deep=1`)).toEqual({ state, detail: `answered ${status}` })
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /health?deep=1'])
  })

  it('does not wait for the end of a body', async () => {
    const { url } = await serve((_request, response) => response.writeHead(200).write('and so on'))
    expect(await anywhere(url)).toMatchObject({ state: 'good' })
  })

  it('follows one redirect and no more', async () => {
    const { url } = await serve(({ url }, response) => {
      const next = url === '/a' ? '/b' : url === '/b' ? '/c' : null
      if (next === null) response.writeHead(200).end()
      else response.writeHead(302, { location: next }).end()
    })
    expect(await anywhere(`${url}b`)).toEqual({ state: 'good', detail: 'answered 200' })
    expect(await anywhere(`${url}a`)).toEqual({ state: 'bad', detail: 'answered 302 after a redirect already' })
  })

  it('is bad where nobody listens, where nothing is answered in time, and where the name is unknown', async () => {
    const { url, port } = await serve(() => undefined)
    const hurried = createProbe({ allowPrivate: true, timeoutMs: 100 })
    expect(await hurried(url)).toEqual({ state: 'bad', detail: 'no answer within 0.1 s' })
    const stuck = createProbe({ allowPrivate: true, timeoutMs: 100, resolve: () => new Promise(() => undefined) })
    expect(await stuck('http://slow.example.com/')).toEqual({ state: 'bad', detail: 'no answer within 0.1 s' })
    servers[0]?.closeAllConnections()
    await new Promise((resolve) => servers.pop()?.close(resolve))
    expect(await anywhere(`http://127.0.0.1:${port}/`)).toEqual({ state: 'bad', detail: 'no answer: ECONNREFUSED' })
    const lost = createProbe({
      allowPrivate: true,
      resolve: () => Promise.reject(Object.assign(new Error('lost'), { code: 'ENOTFOUND' })),
    })
    expect(await lost('http://nowhere.example.com/')).toEqual({ state: 'bad', detail: 'no answer: ENOTFOUND' })
  })
})

describe('a probe that may ask public places only', () => {
  const strict = createProbe({ allowPrivate: false })

  it.each([
    'http://127.0.0.1:1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/',
    'http://[fd00::1]/',
    'http://localhost/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'no address',
  ])('does not ask %s', async (url) => {
    expect(await strict(url)).toMatchObject({ state: 'unasked', detail: expect.stringMatching(/^not asked: /) })
  })

  it('asks no name of which any address is private', async () => {
    const mixed = createProbe({ allowPrivate: false, resolve: async () => ['93.184.215.14', '10.0.0.1'] })
    const detail = 'not asked: mixed.example.com is not a public address'
    expect(await mixed('http://mixed.example.com/')).toEqual({ state: 'unasked', detail })
  })

  it('checks where a redirect leads as well', async () => {
    const { url } = await serve((_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end())
    expect(await anywhere(url)).toEqual({ state: 'unasked', detail: 'not asked: file: is not HTTP' })
  })

  it('connects to the address that was checked: the name is looked up once', async () => {
    const { port, asked } = await serve((_request, response) => response.writeHead(200).end())
    let lookups = 0
    const resolve = async () => {
      lookups += 1
      return ['127.0.0.1']
    }
    const probe = createProbe({ allowPrivate: true, resolve })
    expect(await probe(`http://service.invalid:${port}/`)).toMatchObject({ state: 'good' })
    expect([lookups, asked[0]?.headers.host]).toEqual([1, `service.invalid:${port}`])
  })
})

describe('public addresses', () => {
  const isPublic = createAddressCheck()

  it.each(['1.1.1.1', '93.184.215.14', '172.15.255.255', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is one',
    (address) => expect(isPublic(address)).toBe(true),
  )

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.53',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:1::',
    '2001:db8::1',
    'fc00::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'example.com',
    '',
  ])('%s is none', (address) => expect(isPublic(address)).toBe(false))
})
