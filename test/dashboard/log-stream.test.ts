import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { legKey } from '../support/core/build.ts'
import { acmeRun } from './demo-state.ts'
import { ask, type EventStream, openEvents, type SentEvent } from './http.ts'
import { type Served, serveDashboard } from './serve.ts'
import { MONA, SECRET_NONCE, type StoredRun, storeRun } from './stored-run.ts'

const Lines = z.array(z.object({ at: z.string(), start: z.number(), kind: z.string(), text: z.string() }))
const Told = z.object({ version: z.number(), job: z.string().nullable() })
const texts = ({ data }: SentEvent) => Lines.parse(JSON.parse(data)).map(({ text }) => text)

describe('the stream of a run', () => {
  let served: Served
  let count = 0
  const streams: EventStream[] = []
  beforeAll(async () => {
    served = await serveDashboard()
  })
  afterAll(async () => {
    for (const stream of streams) stream.close()
    await served.close()
  })

  const planning = async (): Promise<StoredRun> => {
    count += 1
    const tale = await storeRun(served.store, acmeRun(`live${count}`, legKey('acme__api'), count, 'Live'), Date.now())
    await tale.send({ type: 'run.admitted' })
    await tale.begin()
    return tale
  }
  const listen = async (tale: StoredRun, query = '', headers: Record<string, string> = {}) => {
    const stream = await openEvents(`${served.url}/runs/${tale.run.id}/log${query}`, headers)
    streams.push(stream)
    return stream
  }

  test('brings the lines that are there, then those that are written later', async () => {
    const tale = await planning()
    await tale.log([['text', 'before']])
    const stream = await listen(tale)
    expect(texts(await stream.next('lines'))).toEqual(['before'])
    await tale.log([
      ['tool', 'after'],
      ['result', 'two\nlines </script>'],
    ])
    expect(texts(await stream.next('lines'))).toEqual(['after', 'two\nlines </script>'])
    stream.close()
  })

  test('goes on after the position that the reader has', async () => {
    const tale = await planning()
    await tale.log([['text', 'one']])
    const first = await listen(tale)
    const { id } = await first.next('lines')
    first.close()
    await tale.log([['text', 'two']])
    for (const [query, headers] of [
      ['', { 'last-event-id': id ?? '' }],
      [`?after=${id}`, {}],
    ] as const) {
      const again = await listen(tale, query, headers)
      expect(texts(await again.next('lines'))).toEqual(['two'])
      again.close()
    }
  })

  test('starts from the beginning where the position makes no sense', async () => {
    const tale = await planning()
    await tale.log([['text', 'one']])
    const stream = await listen(tale, '', { 'last-event-id': '-3; drop' })
    expect(texts(await stream.next('lines'))).toEqual(['one'])
    stream.close()
  })

  test('brings a long log whole, in order', async () => {
    const tale = await planning()
    const long = Array.from({ length: 1_203 }, (_, index) => ['text', `line ${index}`] as const)
    await tale.log(long)
    const stream = await listen(tale)
    const seen: string[] = []
    while (seen.length < long.length) seen.push(...texts(await stream.next('lines')))
    expect(seen).toEqual(long.map(([, text]) => text))
    stream.close()
  })

  test('says when the run changed, and which job is its current one', async () => {
    const tale = await planning()
    const stream = await listen(tale)
    const before = Told.parse(JSON.parse((await stream.next('run')).data))
    expect(before).toEqual({ version: tale.run.version, job: tale.job() })
    await tale.send({ type: 'command.stop', actor: MONA, trigger: { kind: 'dashboard' }, why: 'not now' })
    const after = Told.parse(JSON.parse((await stream.next('run')).data))
    expect(after.version).toBeGreaterThan(before.version)
    stream.close()
  })

  test('ends when run and job are over and every line was sent', async () => {
    const tale = await planning()
    const job = tale.job()
    await tale.log([['text', 'last words']])
    await tale.end({ status: 'failed', failure: { cause: 'agent', message: 'It crashed.' }, ...NOTHING })
    const stream = await listen(tale, `?job=${job}`)
    expect(texts(await stream.next('lines'))).toEqual(['last words'])
    await stream.next('over')
    await expect(stream.next('lines')).rejects.toThrow('the stream ended')
  })

  test('never holds the nonce of a job', async () => {
    const tale = await planning()
    await tale.log([['text', 'hello']])
    const stream = await listen(tale)
    const { data } = await stream.next('lines')
    const run = await stream.next('run')
    expect(data + run.data).not.toContain(SECRET_NONCE)
    stream.close()
  })

  test('a job of another run is not shown', async () => {
    const [one, other] = [await planning(), await planning()]
    expect((await ask(served.port, `/runs/${one.run.id}/log?job=${other.job()}`)).status).toBe(404)
  })
})

test('beyond the most streams at once a further one is refused, and one that was left makes room', async () => {
  const served = await serveDashboard('127.0.0.1', { maxStreams: 2 })
  try {
    await storeRun(served.store, acmeRun('many1', legKey('acme__api'), 1, 'Many'), Date.now())
    const url = `${served.url}/runs/many1/log`
    const [one, two] = [await openEvents(url), await openEvents(url)]
    expect((await ask(served.port, '/runs/many1/log')).status).toBe(503)
    one.close()
    const third = await vi.waitFor(() => openEvents(url), { timeout: 5_000, interval: 20 })
    await third.next('run')
    third.close()
    two.close()
  } finally {
    await served.close()
  }
})

const NOTHING = {
  legs: [],
  usage: {},
  notes: [],
  startedAt: '2026-01-05T09:00:00Z',
  endedAt: '2026-01-05T09:05:00Z',
}
