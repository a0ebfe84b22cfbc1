import { afterAll, expect, test } from 'vitest'
import { scriptOf } from '../../test/workflow/scripts.ts'
import { openWorkflow } from './open-workflow.ts'
import type { WorkflowInterpreter } from './progress.ts'

const opened: WorkflowInterpreter[] = []
afterAll(() => Promise.all(opened.map((interpreter) => interpreter.dispose())))

async function open(body: string, limits = {}): Promise<WorkflowInterpreter> {
  const interpreter = await openWorkflow({ name: 'test', source: scriptOf(body), args: {}, limits })
  opened.push(interpreter)
  return interpreter
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
  expect(await interpreter.settle([{ index: 0, result: 'x' }])).toMatchObject({ state: 'failed', failure: { kind: 'limit' } })
  expect(await interpreter.settle([{ index: 0, result: 'x' }])).toMatchObject({ state: 'failed', failure: { kind: 'limit' } })
})

test('a result for a call that nobody waits for is the caller’s mistake', async () => {
  const interpreter = await open('return agent("go")')
  await interpreter.start()
  await expect(interpreter.settle([{ index: 7, result: null }])).rejects.toThrow('The call 7 is not waited for.')
  expect(await interpreter.settle([{ index: 0, result: 'x' }])).toMatchObject({ state: 'done', result: 'x' })
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
  expect(await good.settle([{ index: 0, result: 1 }])).toMatchObject({ state: 'done', result: 1 })
})
