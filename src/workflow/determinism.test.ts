import { expect, test } from 'vitest'
import { finish, open, run } from '../../test/workflow/scripts.ts'

test.for([
  ['Date', 'return Date.now()'],
  ['Date', 'return new Date()'],
  ['Math.random', 'return Math.random()'],
  ['performance', 'return performance.now()'],
  ['setTimeout', 'setTimeout(() => {}, 1)'],
  ['WeakRef', 'return new WeakRef({})'],
  ['FinalizationRegistry', 'return new FinalizationRegistry(() => {})'],
  ['SharedArrayBuffer', 'return new SharedArrayBuffer(8)'],
  ['Atomics', 'return Atomics.wait(new Int32Array(4), 0, 0)'],
  ['crypto', 'return crypto.randomUUID()'],
  ['Intl', "return new Intl.DateTimeFormat('de')"],
  ['localeCompare', "return ['b', 'a'].sort((x, y) => x.localeCompare(y))"],
  ['toLocaleString', 'return (1234.5).toLocaleString()'],
  ['toLocaleUpperCase', "return 'i'.toLocaleUpperCase()"],
  ['fetch', "return fetch('https://example.com')"],
  ['process', 'return process.env'],
  ['require', "return require('node:fs')"],
  ['console', "console.log('x')"],
  ['eval', "return eval('1')"],
  ['Function', "return Function('return 1')()"],
  ['Function', "return (() => {}).constructor('return globalThis')()"],
  ['Function', "return (async () => {}).constructor('return 1')()"],
  ['Function', "return (function* () {}).constructor('yield 1')()"],
  ['Function', "return (async function* () {}).constructor('yield 1')()"],
  ['Function', "return agent.constructor.constructor('return process')()"],
  ['Function', "return Reflect.construct(Object.getPrototypeOf(class {}).constructor, ['return 1'])()"],
] as const)('[WF-1] %s ends the script with what, where and why, even if it is caught: %s', async ([name, body]) => {
  const progress = await run(`\n  try {\n    ${body}\n  } catch {}\n  await agent('after')`)
  expect(progress).toMatchObject({
    state: 'failed',
    calls: [],
    failure: { kind: 'determinism', message: expect.stringContaining(name), file: 'test.js', line: 5 },
  })
})

test('[WF-1] what ends a script ends it though it waits for an agent and has caught everything', async () => {
  const progress = await run("const asked = agent('x'); try { Date.now() } catch {} return asked")
  expect(progress).toMatchObject({ state: 'failed', calls: [], failure: { kind: 'determinism' } })
})

test('two runs of a script with the same results are the same, whatever it looks at', async () => {
  const look = `
    const keys = Reflect.ownKeys(globalThis).map(String)
    const object = Object.fromEntries(Array.from({ length: 50 }, (_, n) => ['k' + ((n * 7919) % 50), n]))
    const sorted = Array.from({ length: 200 }, (_, n) => (n * 7919) % 101).sort((a, b) => a - b)
    const numbers = [Math.sin(1), Math.exp(1), 0.1 + 0.2, (2 ** 53).toString(36), Math.fround(5.05)]
    const said = await agent(JSON.stringify([keys, object, sorted, numbers, new Error('x').stack]))
    return [said, keys.length]`
  const ends = []
  for (let time = 0; time < 2; time += 1) {
    const interpreter = await open(look)
    const prompts: string[] = []
    ends.push([finish(interpreter, (prompt) => prompts.push(prompt)), prompts])
    interpreter.dispose()
  }
  expect(ends[0]).toEqual(ends[1])
})
