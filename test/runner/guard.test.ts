/** The progress and the loop guard with a real agent process (GRD-1, GRD-3). */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
})
afterEach(async () => {
  await shop.close()
})

const commit: Step[] = [
  { do: 'write', file: 'one.txt', text: 'one\n' },
  { do: 'commit', in: '.', message: 'One' },
]
const calls = (count: number, more: Record<string, unknown> = {}, ok = true): Step => ({ do: 'calls', count, ok, more })

async function run(script: readonly Step[], more: Record<string, unknown> = {}) {
  const spec = shop.spec([shop.leg('acme/api')], script, { limits: { killGraceMs: 300 }, ...more })
  return (await shop.run(spec)).result
}

test('[GRD-1] 40 tools without an edit end the attempt with no-progress; what it committed is pushed', async () => {
  const result = await run([...commit, calls(45), { do: 'hang' }])
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-progress', message: expect.stringContaining('40 tools without editing') },
    legs: [{ ahead: 1, push: { status: 'pushed' } }],
  })
})

test('[GRD-1] the role’s setting loosens the guard; in explore mode there is none over edits', async () => {
  const guard = { callsWithoutEdit: 60 }
  expect(await run([calls(45), ...commit, success()], { guard })).toMatchObject({ status: 'finished' })
  expect(await run([calls(45), success()], { mode: 'explore' })).toMatchObject({ status: 'finished' })
})

test('[GRD-3] the same failing command 5 times ends the attempt with no-progress', async () => {
  const result = await run([...commit, calls(5, { call: 'npm test' }, false), { do: 'hang' }])
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'no-progress', message: expect.stringContaining('same command failed 5 times') },
    legs: [{ push: { status: 'pushed' } }],
  })
})
