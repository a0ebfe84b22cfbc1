import { afterAll, expect, test } from 'vitest'
import { scriptOf } from '../../test/workflow/scripts.ts'
import type { Json } from './json.ts'
import { openWorkflow } from './open-workflow.ts'
import type { WorkflowInterpreter } from './progress.ts'

const opened: WorkflowInterpreter[] = []
afterAll(() => Promise.all(opened.map((interpreter) => interpreter.dispose())))

async function open(body: string, limits = {}): Promise<WorkflowInterpreter> {
  const interpreter = await openWorkflow({ name: 'test', source: scriptOf(body), args: {}, limits })
  opened.push(interpreter)
  return interpreter
}

function tell(interpreter: WorkflowInterpreter, index: number, result: Json) {
  return interpreter.tell({ endings: [{ index, result }], known: [] })
}

test('a script that holds its thread up is ended, and whoever waits is told', async () => {
  // Native code that asks nobody whether it may go on.
  const interpreter = await open(
    'await agent("first"); return (2n ** 200000n) ** 3n > 1n ? [].sort.call({ length: 2 ** 53 - 1 }) : 0',
    {
      turnMs: 1_000,
      steps: 10_000_000_000,
    },
  )
  await interpreter.start()
  expect(await tell(interpreter, 0, 'x')).toMatchObject({ state: 'failed', failure: { kind: 'limit' } })
  expect(await tell(interpreter, 0, 'x')).toMatchObject({ state: 'failed', failure: { kind: 'limit' } })
})

test('the time between two waits is counted anew with each ending, however many a script is told of in one go', async () => {
  const turns = 10
  const interpreter = await open(
    `for (let turn = 0; turn < ${turns}; turn += 1) {
      const given = await agent('turn ' + turn)
      for (let step = 0; step < given; step += 1);
    }`,
    { turnMs: 1_000, steps: 10_000_000_000 },
  )
  await interpreter.start()
  // As much work as fits well into the limit, so often that all of it together does not.
  const alone = performance.now()
  await tell(interpreter, 0, 1_000_000)
  const work = Math.floor((1_000_000 * 200) / (performance.now() - alone))
  const endings = Array.from({ length: turns - 1 }, (_, turn) => ({ index: turn + 1, result: work }))
  const began = performance.now()
  const told = await interpreter.tell({ endings, known: [] })
  expect(performance.now() - began).toBeGreaterThan(1_000)
  expect(told).toMatchObject({ state: 'done', heard: [...endings.keys()] })
})

test('a result for a call that nobody waits for is the caller’s mistake', async () => {
  const interpreter = await open('return (await agent("one")) + (await agent("two"))')
  await interpreter.start()
  expect(await tell(interpreter, 0, 'x')).toMatchObject({ state: 'waiting', calls: [{ call: { index: 1 }, after: 0 }] })
  await expect(tell(interpreter, 0, 'x')).rejects.toThrow('The call 0 is not waited for.')
  expect(await tell(interpreter, 1, 'y')).toMatchObject({ state: 'done', result: 'xy' })
})

test('depth in a thread meets the script’s own limit, which is the same everywhere, before the thread’s', async () => {
  const deep = "try { JSON.parse('['.repeat(1e6)) } catch (error) { return error.message }"
  const interpreter = await open(deep, { stackBytes: 512 * 1024 })
  expect(await interpreter.start()).toMatchObject({ state: 'done', result: 'Maximum call stack size exceeded' })
})

test('a script that is ended in its thread does nothing to another one', async () => {
  const [bad, good] = await Promise.all([
    open('const all = []; for (;;) all.push({})', { memoryBytes: 8 * 1024 * 1024 }),
    open('return agent("go")'),
  ])
  expect(await good.start()).toMatchObject({ state: 'waiting' })
  expect(await bad.start()).toMatchObject({ state: 'failed', failure: { kind: 'limit' } })
  await bad.dispose()
  expect(await bad.start()).toMatchObject({ state: 'failed' })
  expect(await tell(good, 0, 1)).toMatchObject({ state: 'done', result: 1 })
})
