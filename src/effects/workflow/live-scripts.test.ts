import { afterEach, expect, test } from 'vitest'
import { openHere } from '../../../test/workflow/scripts.ts'
import { type LiveScript, startScript } from './live-script.ts'
import { createLiveScripts, type LiveScripts } from './live-scripts.ts'

const caches: LiveScripts[] = []
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.close()
})

function cacheOf(options: Parameters<typeof createLiveScripts>[0]): LiveScripts {
  const cache = createLiveScripts(options)
  caches.push(cache)
  return cache
}

/** A script that waits for an agent; `gone` resolves when it is put away. */
async function waiting(): Promise<{ script: LiveScript; gone: Promise<void> }> {
  const gone = Promise.withResolvers<void>()
  const interpreter = await openHere("return agent('go')")
  const dispose = async () => {
    await interpreter.dispose()
    gone.resolve()
  }
  return { script: await startScript({ ...interpreter, dispose }), gone: gone.promise }
}

const fresh = async (_script: LiveScript, isFresh: boolean) => isFresh

test('a script is opened once, anew for another edition, and never more are kept than may be', async () => {
  const cache = cacheOf({ kept: 2 })
  const one = await waiting()
  const open = async () => (await waiting()).script
  expect(await cache.use('one', 'a', async () => one.script, fresh)).toBe(true)
  expect(await cache.use('one', 'a', open, fresh)).toBe(false)
  expect(await cache.use('one', 'b', open, fresh)).toBe(true)
  await one.gone
  await cache.use('two', 'a', open, fresh)
  await cache.use('one', 'b', open, fresh)
  await cache.use('three', 'a', open, fresh)
  expect(cache.size()).toBe(2)
  // The one used longest ago went.
  expect(await cache.use('one', 'b', open, fresh)).toBe(false)
  expect(await cache.use('two', 'a', open, fresh)).toBe(true)
})

test('a script that is being told something stays, however many others come', async () => {
  const cache = cacheOf({ kept: 1 })
  const open = async () => (await waiting()).script
  const told = Promise.withResolvers<void>()
  const busy = cache.use('one', 'a', open, async (script) => {
    await told.promise
    await script.tell([{ index: 0, position: 1, state: 'done', result: 'gone' }])
    return script.end
  })
  await cache.use('two', 'a', open, fresh)
  // There is room for one: it is the other that went.
  expect(cache.size()).toBe(1)
  told.resolve()
  expect(await busy).toEqual({ state: 'done', result: 'gone' })
})

test('a script that has ended is not kept', async () => {
  const cache = cacheOf({})
  const { script, gone } = await waiting()
  await cache.use(
    'one',
    'a',
    async () => script,
    (one) => one.tell([{ index: 0, position: 1, state: 'done', result: 'gone' }]),
  )
  await gone
  expect(cache.size()).toBe(0)
})

test('a script that nobody goes on with is put away after its time', async () => {
  const cache = cacheOf({ idleMs: 20 })
  const { script, gone } = await waiting()
  await cache.use('one', 'a', async () => script, fresh)
  await gone
  expect(cache.size()).toBe(0)
})

test('what failed in the middle begins from its journal the next time', async () => {
  const cache = cacheOf({})
  const { script, gone } = await waiting()
  const failing = cache.use(
    'one',
    'a',
    async () => script,
    async () => Promise.reject(new Error('the store is away')),
  )
  await expect(failing).rejects.toThrow('the store is away')
  await gone
  expect(await cache.use('one', 'a', async () => (await waiting()).script, fresh)).toBe(true)
})
