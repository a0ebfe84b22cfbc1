import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRequestBodies } from './request-bodies.ts'

const EACH = 1_000
const TOGETHER = 2_500

let server: Server
let port: number
/** Ends the answers to what was received, the oldest first. */
let answers: (() => void)[]

beforeEach(async () => {
  const bodyOf = createRequestBodies({ each: EACH, together: TOGETHER })
  answers = []
  server = createServer(async (asked, response) => {
    const body = await bodyOf(asked, response).catch(() => null)
    // It was broken off.
    if (body === null) return
    if ('over' in body) return void response.writeHead(413).end(body.over)
    answers.push(() => response.end(String(body.raw.length)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function send(bytes: number): Promise<string> {
  const asked = request({ host: '127.0.0.1', port, method: 'POST', agent: false })
  asked.end(Buffer.alloc(bytes))
  return once(asked, 'response').then(async ([response]) => (await response.toArray()).join(''))
}

const received = (count: number) => expect.poll(() => answers.length).toBe(count)

test('a request up to the limit is read, and one of a byte more is told so', async () => {
  const good = send(EACH)
  await received(1)
  answers[0]?.()
  expect(await good).toBe('1000')
  expect(await send(EACH + 1)).toBe('each')
})

test('what waits for its answer is held; there is room again when that is through', async () => {
  const waiting = [send(EACH), send(EACH)]
  await received(2)
  expect(await send(EACH)).toBe('together')
  for (const answer of answers) answer()
  expect(await Promise.all(waiting)).toEqual(['1000', '1000'])
  const after = [send(EACH), send(EACH)]
  await received(4)
  for (const answer of answers) answer()
  expect(await Promise.all(after)).toEqual(['1000', '1000'])
})

test('requests that are broken off before their end hold nothing', async () => {
  for (let nth = 0; nth < 5; nth += 1) {
    const asked = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers: { 'content-length': EACH } })
    asked.once('error', () => undefined)
    const [, gone] = [asked.write(Buffer.alloc(EACH - 1)), once(server, 'connection')]
    const [socket] = await gone
    await expect.poll(() => socket.bytesRead).toBeGreaterThan(EACH - 1)
    asked.destroy()
    await new Promise((resolve) => socket.once('close', resolve))
  }
  const good = [send(EACH), send(EACH)]
  await received(2)
  for (const answer of answers) answer()
  expect(await Promise.all(good)).toEqual(['1000', '1000'])
})
