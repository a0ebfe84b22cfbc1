import { expect, test } from 'vitest'
import { type Given, open, run } from '../../test/workflow/scripts.ts'

/** Few steps, so that what would not end is over soon. */
const SHORT: Given = { limits: { steps: 2_000_000, memoryBytes: 8 * 1024 * 1024 } }

test.for([
  ['a loop', 'for (;;) {}'],
  ['an endless await', 'for (;;) await 0'],
  ['microtasks without end', 'const again = () => queueMicrotask(again); again(); await new Promise(() => {})'],
  ['a regular expression that backtracks', "return /(a+)+$/.test('a'.repeat(60) + 'b')"],
  ['a search in a list that is nearly endless', 'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
  ['a getter that never ends', 'return { get x() { for (;;) {} } }'],
  ['a toJSON that never ends', "await agent('x', { toJSON() { for (;;) {} } })"],
  ['a proxy whose traps never end', "await agent('x', new Proxy({}, { ownKeys() { for (;;) {} } }))"],
  ['a thing that is awaited and never ends', 'await { then() { for (;;) {} } }'],
  ['an error whose message never ends', 'throw { get message() { for (;;) {} } }'],
  ['a catch around it', 'try { for (;;) {} } catch { return 1 } finally { for (;;) {} }'],
] as const)('work without end is counted and ended: %s', async ([, body]) => {
  expect(await run(body, SHORT)).toMatchObject({
    state: 'failed',
    calls: [],
    failure: { kind: 'limit', message: expect.stringContaining('2000000 steps') },
  })
})

test.for([
  ['a long text', "return 'x'.repeat(2 ** 29)"],
  ['texts that double', "let text = 'x'; for (;;) text += text"],
  ['a list', 'const all = []; for (;;) all.push({})'],
  ['a list of a given length', 'return new Array(1e8).fill(0)'],
  ['a buffer', 'return new Uint8Array(2 ** 30).length'],
  ['a map', 'const all = new Map(); for (let n = 0; ; n += 1) all.set(n, n)'],
  ['many promises', 'const all = []; for (;;) all.push(new Promise(() => {}))'],
  ['a promise of itself', 'const again = () => Promise.resolve().then(again); again(); await new Promise(() => {})'],
  ['a large number', 'return String((2n ** 500000n) ** 50n).length'],
  ['a pattern', "return new RegExp('(' .repeat(1e6))"],
  ['text from JSON', "return JSON.stringify('\\u0000'.repeat(4e6))"],
  ['groups', "return Array.from({ length: 2 ** 32 }, () => 'x')"],
] as const)('memory without end is refused: %s', async ([, body]) => {
  const progress = await run(body, { limits: { memoryBytes: 8 * 1024 * 1024, steps: 50_000_000 } })
  // QuickJS refuses some of these before it asks for the memory: then the script threw.
  expect(progress).toMatchObject({ state: 'failed', calls: [], failure: { kind: expect.stringMatching(/^(limit|script)$/) } })
})

test.for([
  ['recursion', 'const deep = () => deep() + 1; return deep()'],
  ['recursion through JSON', "return JSON.parse('['.repeat(1e6))"],
  ['recursion through a getter', 'const it = { get x() { return this.x } }; return it.x'],
  ['recursion through a proxy', 'let p = {}; for (let n = 0; n < 1e5; n += 1) p = new Proxy(p, {}); return p.x'],
  ['recursion through toString', "const it = { toString() { return '' + this } }; return '' + it"],
  ['a deep value', 'let deep = 1; for (let n = 0; n < 1e5; n += 1) deep = [deep]; return deep'],
  ['a deep pattern', "return new RegExp('(?:'.repeat(1e5) + ')'.repeat(1e5))"],
  ['a bound function', 'let f = () => 1; for (let n = 0; n < 1e5; n += 1) f = f.bind(null); return f()'],
  ['sorting by itself', 'const by = () => [2, 1].sort(by)[0]; return [2, 1].sort(by)'],
] as const)('depth without end is refused, and the thread lives: %s', async ([, body]) => {
  expect(await run(body)).toMatchObject({ state: 'failed', calls: [] })
  expect(await run('return 1')).toMatchObject({ state: 'done', result: 1 })
})

test('a value that is deep, though not too deep for the script, is not taken by the app', async () => {
  expect(await run('let deep = 1; for (let n = 0; n < 100; n += 1) deep = [deep]; return deep')).toMatchObject({
    state: 'failed',
    failure: { kind: 'script', message: expect.stringContaining('nested more than 64 deep') },
  })
})

test('[WF-2] more calls than are allowed end the script before any of them is made', async () => {
  const fanOut = "await Promise.all(Array.from({ length: COUNT }, (_, n) => agent('no ' + n)))"
  const most = await open(fanOut.replace('COUNT', '1000'))
  expect(most.start().calls).toHaveLength(1_000)
  most.dispose()
  expect(await run(`try { ${fanOut.replace('COUNT', '1001')} } catch {} await agent('x')`)).toMatchObject({
    state: 'failed',
    calls: [],
    failure: { kind: 'limit', line: 3 },
  })
})

test('prompts, options, results and lines have their limits', async () => {
  expect(await run("await agent('x'.repeat(60_001))")).toMatchObject({ failure: { kind: 'limit' } })
  expect(await run("await agent('x', { label: 'x'.repeat(60_001) })")).toMatchObject({ failure: { kind: 'limit' } })
  const many = "for (let n = 0; n < 300; n += 1) agent('x'.repeat(100)); await agent('y')"
  expect(await run(many, { limits: { askedChars: 20_000 } })).toMatchObject({ calls: [], failure: { kind: 'limit', line: 3 } })
  expect(await run("return 'x'.repeat(1_000_001)")).toMatchObject({ failure: { kind: 'limit' } })
  const chatty = await run("for (let n = 0; n < 50; n += 1) log('x'.repeat(3000))", { limits: { logLines: 10 } })
  expect(chatty.log).toHaveLength(11)
  expect(chatty.log.at(-1)?.message).toBe('Only 10 lines are kept; what follows is left out.')
  expect(chatty.log[0]?.message).toHaveLength(2_000)
})

test('a result that is too large for the script is none, and the log says so', async () => {
  const interpreter = await open("return agent('x', { label: 'big' })", { limits: { resultChars: 1_000 } })
  interpreter.start()
  expect(interpreter.settle([{ index: 0, result: 'x'.repeat(2_000) }])).toMatchObject({
    state: 'done',
    result: null,
    log: [{ message: 'big: gave nothing: its result has 2002 characters as JSON, and 1000 at most are taken' }],
  })
  interpreter.dispose()
})
