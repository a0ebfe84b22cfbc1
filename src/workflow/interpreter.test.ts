import { expect, test } from 'vitest'
import { finish, open, run } from '../../test/workflow/scripts.ts'

test('[WF-1] a script that asks for nothing is done at once, with what it returned', async () => {
  expect(await run('log("hello"); phase("One"); log({ a: 1 }); return { ok: [1, "two", null] }')).toEqual({
    state: 'done',
    result: { ok: [1, 'two', null] },
    calls: [],
    log: [
      { phase: null, message: 'hello' },
      { phase: 'One', message: '{"a":1}' },
    ],
    phase: 'One',
  })
  expect(await run('')).toMatchObject({ state: 'done', result: null })
})

test('[WF-1] agents are asked for, and their results come back in the order of the input', async () => {
  const interpreter = await open(`
    const found = await parallel(['a', 'b', 'c'].map((letter) => () => agent('look at ' + letter, { label: letter, phase: 'Look' })))
    return found
  `)
  const first = interpreter.start()
  expect(first.state).toBe('waiting')
  expect(first.calls.map(({ index, kind, prompt, label, phase }) => ({ index, kind, prompt, label, phase }))).toEqual([
    { index: 0, kind: 'agent', prompt: 'look at a', label: 'a', phase: 'Look' },
    { index: 1, kind: 'agent', prompt: 'look at b', label: 'b', phase: 'Look' },
    { index: 2, kind: 'agent', prompt: 'look at c', label: 'c', phase: 'Look' },
  ])
  expect(interpreter.settle([{ index: 2, result: 'C' }]).state).toBe('waiting')
  expect(interpreter.settle([{ index: 0, result: { A: 1 } }]).state).toBe('waiting')
  expect(interpreter.settle([{ index: 1, result: null, why: 'no usable output' }])).toEqual({
    state: 'done',
    result: [{ A: 1 }, null, 'C'],
    calls: [],
    log: [{ phase: 'Look', message: 'b: gave nothing: no usable output' }],
    phase: null,
  })
  interpreter.dispose()
})

test('an item of a pipeline goes on as soon as it can, and ends where a stage gave nothing', async () => {
  const interpreter = await open(`
    return pipeline(['x', 'y', 'z'],
      (item) => agent('read ' + item),
      (read, item, index) => { if (item === 'z') throw new Error('no z'); return agent('check ' + read + ' ' + index) })
  `)
  expect(interpreter.start().calls.map(({ prompt }) => prompt)).toEqual(['read x', 'read y', 'read z'])
  expect(interpreter.settle([{ index: 1, result: 'Y' }]).calls.map(({ prompt }) => prompt)).toEqual(['check Y 1'])
  expect(interpreter.settle([{ index: 0, result: null }]).calls).toEqual([])
  expect(interpreter.settle([{ index: 2, result: 'Z' }]).log).toEqual([
    { phase: null, message: 'pipeline(), item 3, gave nothing: no z (test.js:6:60)' },
  ])
  expect(interpreter.settle([{ index: 3, result: 'fine' }])).toMatchObject({ state: 'done', result: [null, 'fine', null] })
  interpreter.dispose()
})

test('what a script throws is named with its line and column', async () => {
  expect(await run('const x = null\n  return x.y')).toMatchObject({
    state: 'failed',
    failure: { kind: 'script', message: "TypeError: cannot read property 'y' of null", file: 'test.js', line: 4, column: 10 },
  })
})

test('an option that is not there fails the script at the line that wrote it', async () => {
  expect(await run("\n  await agent('go', { rolle: 'coder' })")).toMatchObject({
    state: 'failed',
    calls: [],
    failure: { kind: 'script', line: 4, message: expect.stringContaining('rolle') },
  })
})

test('where one call is not as it must be, those asked for beside it are not made', async () => {
  const progress = await run("await Promise.all([agent('fine'), agent('not', { timeoutMs: 1 }), agent('fine too')])")
  expect(progress).toMatchObject({ state: 'failed', calls: [], failure: { message: expect.stringContaining('timeoutMs') } })
})

test('a wait for nothing fails, and so does a rejection that nobody handles', async () => {
  expect(await run('await new Promise(() => {})')).toMatchObject({ state: 'failed', failure: { kind: 'script' } })
  expect(await run("(async () => { throw new Error('lost') })(); await agent('go')")).toMatchObject({
    state: 'failed',
    failure: { kind: 'script', message: 'lost', line: 3 },
  })
})

test('a checkpoint asks a person, and its answer is text', async () => {
  const interpreter = await open("return checkpoint('Go on?', { choices: ['Yes', 'No'], label: 'Ask' })")
  expect(interpreter.start().calls).toMatchObject([
    { kind: 'checkpoint', prompt: 'Go on?', label: 'Ask', options: { choices: ['Yes', 'No'] } },
  ])
  expect(interpreter.settle([{ index: 0, result: 'Yes' }])).toMatchObject({ state: 'done', result: 'Yes' })
  interpreter.dispose()
})

test('[WF-4] collect() names the isolated calls that gave something, once each and in the order of the input', async () => {
  const interpreter = await open(`
    const some = await parallel([1, 2, 3].map((n) => () => agent('do ' + n, { isolation: 'worktree', schema: { type: 'object' } })))
    await agent('not isolated')
    const first = await collect([some[2]], { label: 'third only' })
    const rest = await collect()
    return [first, rest, await collect()]
  `)
  interpreter.start()
  interpreter.settle([
    { index: 2, result: { n: 3 } },
    { index: 1, result: null },
    { index: 0, result: { n: 1 } },
  ])
  const third = interpreter.settle([{ index: 3, result: 'x' }])
  expect(third.calls).toMatchObject([{ index: 4, kind: 'collect', label: 'third only', options: { calls: [2] } }])
  const rest = interpreter.settle([{ index: 4, result: { merged: 1, left: [] } }])
  expect(rest.calls).toMatchObject([{ index: 5, kind: 'collect', options: { calls: [0] } }])
  expect(interpreter.settle([{ index: 5, result: { merged: 1, left: [] } }])).toMatchObject({
    state: 'done',
    result: [
      { merged: 1, left: [] },
      { merged: 1, left: [] },
      { merged: 0, left: [] },
    ],
  })
  interpreter.dispose()
})

test('a workflow starts another one, with its own arguments and phases, and no third', async () => {
  const inner = `export const meta = {
    name: 'inner', description: 'd',
    arguments: { type: 'object', properties: { word: { type: 'string' }, times: { type: 'integer', default: 2 } }, required: ['word'] },
  }
  export default async function ({ agent, phase, workflow, args }) {
    phase('Inner')
    const said = await agent(args.word + args.times)
    return [said, await workflow('inner', { word: 'again' }).catch((error) => error.message)]
  }`
  const interpreter = await open(
    `phase('Outer')
     const wrong = await workflow('inner', { wort: 'x' }).catch((error) => error.message)
     const none = await workflow('nobody').catch((error) => error.message)
     const given = await workflow('inner', { word: 'hey' })
     log('back')
     return { wrong, none, given }`,
    { workflows: { inner } },
  )
  expect(finish(interpreter, (prompt) => prompt.toUpperCase())).toMatchObject({
    state: 'done',
    phase: 'Inner',
    log: [{ phase: 'Outer', message: 'back' }],
    result: {
      wrong: '`wort` is no argument of `inner`: did you mean `word`?; `word` is missing: write `word=…` (text)',
      none: 'workflow(): there is no workflow `nobody`.',
      given: ['HEY2', 'workflow() goes one level deep, and this one was started by another'],
    },
  })
  interpreter.dispose()
})

test('the budget is what the settlements say', async () => {
  const interpreter = await open(
    `const before = [budget.total, budget.spent, budget.remaining]
     await agent('go')
     try { budget.spent = 0 } catch {}
     return [before, [budget.total, budget.spent, budget.remaining]]`,
    { budget: { total: 10, spent: 0 } },
  )
  interpreter.start()
  expect(interpreter.settle([{ index: 0, result: 'x', budget: { total: 10, spent: 2.5 } }])).toMatchObject({
    result: [
      [10, 0, 10],
      [10, 2.5, 7.5],
    ],
  })
  interpreter.dispose()
})
