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
