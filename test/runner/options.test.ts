/** What a job asks of its runtime is honoured, or said not to be: nothing is dropped without a word (AGT-3). */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandRuntime } from '../../runner/agents/command.ts'
import type { Runtime } from '../../runner/agents/runtime.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
})
afterEach(async () => {
  await shop.close()
})

const script: Step[] = [
  { do: 'sh', script: 'printf "%s %s" "$SWITCHYARD_MODEL" "$SWITCHYARD_EFFORT" > asked.txt; git add -A; git commit -qm Asked' },
  success(),
]

async function job(runtime: Runtime, asked: Record<string, string>) {
  const plain = shop.spec([shop.leg('acme/api')], script)
  const spec = { ...plain, runtime: { ...plain.runtime, ...asked } }
  return (await shop.run(spec, { runtimes: new Map([['command', runtime]]) })).result
}

test('[AGT-3] a runtime that can be told a model and an effort is told both, and there is nothing to say', async () => {
  const result = await job(commandRuntime(), { model: 'some-model', effort: 'high' })
  expect(result).toMatchObject({ status: 'finished', notes: [] })
  expect(await shop.git('acme/api', 'show', 'switchyard/run1:asked.txt')).toBe('some-model high')
})

test('[AGT-3] an option that the runtime cannot honour is named in the result, and the job is done without it', async () => {
  const runtime = commandRuntime()
  const less = { ...runtime, capabilities: { ...runtime.capabilities, model: false, effort: false, command: false } }
  const result = await job(less, { model: 'some-model', effort: 'high' })
  expect(result.status).toBe('finished')
  expect(result.notes).toEqual([
    expect.stringContaining('The runtime command cannot be told a model'),
    'The runtime command cannot be told an effort.',
    'The runtime command starts a program of its own; the command that is set was not used.',
  ])
})

test('[AGT-3] what was not asked for is nothing to be said', async () => {
  const runtime = commandRuntime()
  const less = { ...runtime, capabilities: { ...runtime.capabilities, model: false, effort: false } }
  expect(await job(less, {})).toMatchObject({ status: 'finished', notes: [] })
})
