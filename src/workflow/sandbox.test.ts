import { expect, test } from 'vitest'
import { open, run } from '../../test/workflow/scripts.ts'

test('nothing of the app can be reached: no function of it is inside, and no error tells of it', async () => {
  const seen = await run(`
    const found = []
    const seen = new Set()
    const walk = (value, path) => {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return
      seen.add(value)
      for (const key of Reflect.ownKeys(value)) {
        const { value: inner } = Reflect.getOwnPropertyDescriptor(value, key)
        if (/^(host|qjs|wasm|wasi|std|os|bjson|process|Deno|require|module|__)/.test(String(key)) && key !== '__proto__') found.push(path + '.' + String(key))
        walk(inner, path + '.' + String(key))
      }
      walk(Reflect.getPrototypeOf(value), path + '.[[prototype]]')
    }
    walk(globalThis, 'globalThis'); walk(agent, 'agent'); walk(budget, 'budget')
    const stacks = []
    for (const attempt of [() => null.x, () => agent(1), () => parallel(1), () => new Array(-1), () => JSON.parse('{')]) {
      try { attempt() } catch (error) { stacks.push(String(error.stack)) }
    }
    stacks.push(await import('node:fs').then(() => 'loaded', (error) => error.message + error.stack))
    stacks.push(JSON.stringify(import.meta), new Error('x').stack)
    return { found: found.filter((path) => !/__(define|lookup)(G|S)etter__$|^globalThis.(require|process)$/.test(path)), stacks }
  `)
  if (seen.state !== 'done') throw new Error(JSON.stringify(seen))
  expect(seen.result).toMatchObject({ found: [] })
  expect(JSON.stringify(seen.result)).toContain('A workflow imports nothing')
  expect(JSON.stringify(seen.result)).not.toMatch(/file:|node_modules|\/src\/|\.ts\b|wasm-function/)
})

test('what a script does to the prototypes does not reach the app, nor what the kit keeps', async () => {
  const interpreter = await open(`
    const tries = [
      () => { Object.prototype.polluted = 'yes' },
      () => { Object.prototype.toJSON = () => 'forged' },
      () => { Array.prototype.toJSON = () => [] },
      () => { Object.defineProperty(Array.prototype, '0', { set() {}, get() { return 'forged' } }) },
      () => { Object.defineProperty(Object.prototype, 'index', { get() { return 7 }, set() {} }) },
      () => { Object.prototype.__proto__ = { evil: true } },
      () => { JSON.stringify = () => '{"calls":[]}' },
      () => { JSON.parse = () => ({}) },
      () => { Promise = class {} },
      () => { Promise.prototype.then = () => {} },
      () => { Reflect.apply = () => {} },
      () => { Array.isArray = () => true },
      () => { String.prototype.slice = () => 'forged' },
      () => { WeakMap.prototype.get = () => 0 },
      () => { Array.prototype[Symbol.iterator] = function* () {} },
      () => { Array.prototype.push = () => 0 },
      () => { Error.prepareStackTrace = () => 'at x (forged.js:1:1)' },
      () => { Error.stackTraceLimit = 0 },
      () => { agent.call = null },
      () => { globalThis.agent = () => 'forged' },
    ]
    for (const attempt of tries) try { attempt() } catch {}
    const one = await agent('one', { label: 'first' })
    const [two, three] = [await agent('two'), await agent('three', { phase: 'P' })]
    return { one, two, three }
  `)
  const first = interpreter.start()
  expect(first).toMatchObject({ state: 'waiting', calls: [{ index: 0, prompt: 'one', label: 'first' }] })
  expect(interpreter.settle([{ index: 0, result: { text: 'x' } }]).calls).toMatchObject([{ index: 1, prompt: 'two' }])
  expect(interpreter.settle([{ index: 1, result: [1] }]).calls).toMatchObject([{ index: 2, prompt: 'three', phase: 'P' }])
  interpreter.settle([{ index: 2, result: 3 }])
  interpreter.dispose()
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  expect(JSON.parse('{"a":1}')).toEqual({ a: 1 })
})

test('a key `__proto__` in a result is data inside, and does not come out', async () => {
  const interpreter = await open(
    "const got = await agent('x'); return { got, has: Object.hasOwn(got, '__proto__'), evil: {}.evil ?? null }",
  )
  interpreter.start()
  const result = JSON.parse('{"a":1,"__proto__":{"evil":true}}')
  const end = interpreter.settle([{ index: 0, result }])
  interpreter.dispose()
  expect(end).toMatchObject({ state: 'done', result: { got: { a: 1 }, has: true, evil: null } })
  expect(JSON.stringify(end)).not.toContain('__proto__')
})

test('a prototype in the options of a call is no option', async () => {
  const interpreter = await open(`await agent('x', JSON.parse('{"label":"l","__proto__":{"model":"other"}}'))`)
  expect(interpreter.start().calls).toMatchObject([{ options: { mode: 'explore' } }])
  interpreter.dispose()
})

test('text that no store could keep comes out as text that it can', async () => {
  const body = `
    const bad = 'a\\u0000b\\ud800c'
    log(bad)
    phase(bad)
    await agent(bad, { label: bad, schema: { type: 'object', properties: { [bad]: { description: bad } } } })`
  const interpreter = await open(body)
  const progress = interpreter.start()
  interpreter.dispose()
  const clean = 'a\ufffdb\ufffdc'
  expect(progress).toMatchObject({
    phase: clean,
    log: [{ message: clean }],
    calls: [{ prompt: clean, label: clean, options: { schema: { properties: { [clean]: { description: clean } } } } }],
  })
  expect(await run("return { 'x\\u0000': '\\udc00' }")).toMatchObject({ result: { 'x\ufffd': '\ufffd' } })
  expect(await run("throw new Error('\\u0000')")).toMatchObject({ failure: { message: '\ufffd' } })
  const halved = await open("await agent('😀'.repeat(60))")
  expect(halved.start().calls[0]?.label.isWellFormed()).toBe(true)
  halved.dispose()
})

test('a result that looks like a promise is data', async () => {
  const thenable = '{"then":"later","toJSON":"no"}'
  const interpreter = await open("return agent('x')")
  interpreter.start()
  expect(interpreter.settle([{ index: 0, result: JSON.parse(thenable) }])).toMatchObject({
    result: JSON.parse(thenable),
  })
  interpreter.dispose()
})

test.for([
  ['nothing', 'throw undefined'],
  ['a symbol', "throw Symbol('x')"],
  ['an error whose parts throw', 'throw { get name() { throw 1 }, get message() { throw 2 }, get stack() { throw 3 } }'],
  ['a proxy that throws', 'throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })'],
  ['a proxy that was revoked', 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy'],
  ['a long message', "throw new Error('x'.repeat(1e6))"],
  ['a stack that is no text', 'const error = new Error(); error.stack = { toString() { throw 1 } }; throw error'],
  ['a function', 'throw () => {}'],
  ['a result with a cycle', 'const it = {}; it.it = it; return it'],
  ['a result JSON does not know', 'return 1n'],
  ['a result whose getter throws', "return { get x() { throw new Error('no') } }"],
] as const)('whatever is thrown is told, and nothing of it is believed: %s', async ([, body]) => {
  const progress = await run(body)
  if (progress.state !== 'failed') throw new Error(JSON.stringify(progress))
  expect(progress.failure.kind).toBe('script')
  expect(progress.failure.message.length).toBeLessThanOrEqual(2_000)
})

test('a script cannot make its stacks shorter or other than they are', async () => {
  const body = `
    try { Error.stackTraceLimit = 0 } catch {}
    try { Error.prepareStackTrace = () => 'at x (forged.js:1:1)' } catch {}
    Math.random()`
  expect(await run(body)).toMatchObject({ failure: { kind: 'determinism', file: 'test.js', line: 6 } })
})

test('a stack that names another file is believed for its place only', async () => {
  const error = "const error = new Error('x'); error.stack = 'at y (' + 'z'.repeat(5000) + '.js:99999999999:1)'; throw error"
  expect(await run(error)).toMatchObject({ state: 'failed', failure: { kind: 'script', message: 'x', line: null } })
})

test('options that ask for agents while they are read keep the order, and count', async () => {
  const body = `
    const seen = []
    const nosy = { toJSON() { seen.push(agent('asked by toJSON')); return { label: 'outer' } } }
    const proxy = new Proxy({}, { ownKeys() { seen.push(agent('asked by a proxy')); return [] } })
    return Promise.all([agent('outer', nosy), agent('plain', proxy), ...seen])`
  for (let time = 0; time < 2; time += 1) {
    const interpreter = await open(body)
    const { calls } = interpreter.start()
    expect(calls.map(({ index, prompt }) => `${index} ${prompt}`)).toEqual([
      '0 asked by toJSON',
      '1 outer',
      '2 asked by a proxy',
      '3 plain',
    ])
    interpreter.dispose()
  }
  const within = await open('await agent("x", { toJSON() { return agent("y", this) } })')
  expect(within.start()).toMatchObject({ state: 'failed', calls: [] })
  within.dispose()
})

test.for(['__proto__', 'constructor', 'toString', '../test', 'test.js', 'node:fs', 'https://example.com/x.js', ''] as const)(
  'workflow(%j) starts nothing that is no script of the repository',
  async (name) => {
    const progress = await run(`return workflow(${JSON.stringify(name)}).catch((error) => error.message)`)
    expect(progress).toMatchObject({ state: 'done', result: `workflow(): there is no workflow \`${name}\`.` })
  },
)

test.for([
  ...['WebAssembly', 'Worker', 'MessageChannel', 'BroadcastChannel', 'XMLHttpRequest', 'importScripts', 'navigator', 'gc'],
  ...['globalThis.process?.binding', 'Deno', 'Bun', 'bjson', 'std', 'os', 'scriptArgs', 'print', 'structuredClone'],
] as const)('there is no %s inside', async (name) => {
  // Some are there by name, so that whoever uses them is told why they are not.
  const progress = await run(`const it = ${name}; if (typeof it === 'function') new it('x'); return typeof it`)
  expect(progress.state === 'done' ? progress.result : progress.state).toMatch(/^(failed|undefined)$/)
})

test.for([
  ['a getter of itself', 'const it = { get x() { return this.x } }; return it.x'],
  ['a comparison without end', 'return Array.from({ length: 1e5 }, (_, n) => n).sort(() => { for (;;); })'],
  ['a buffer beyond any memory', 'return new ArrayBuffer(2 ** 33).byteLength'],
  ['a list as long as can be', 'return new Array(2 ** 32 - 1).fill(0)'],
  ['a number as large as can be', 'return String(2n ** (2n ** 31n))'],
] as const)('what does not end, ends: %s', async ([, body]) => {
  expect(await run(body, { limits: { memoryBytes: 16 * 1024 * 1024, steps: 2_000_000 } })).toMatchObject({ state: 'failed' })
})
