import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Failure } from '../../src/contract/failure.ts'
import { JobGuard } from '../../src/contract/job-guard.ts'
import { startGuard } from './start-guard.ts'

function watched(filesMark?: () => Promise<string>) {
  const fired: Failure[] = []
  const guard = startGuard({ limits: JobGuard.parse({}), mode: 'code', filesMark }, (failure) => fired.push(failure))
  const calls = async (count: number, ok = true) => {
    for (let id = 0; id < count; id += 1) {
      guard.event({ type: 'tool-start', id: `${id}`, name: 'Bash', kind: 'command', detail: '', call: `${id}` })
      guard.event({ type: 'tool-end', id: `${id}`, ok, detail: '' })
      await setImmediate()
    }
  }
  return { fired, guard, calls }
}

test('[GRD-1] who edits by a shell alone is told by the files, and counts anew from there', async () => {
  let files = 'as they were'
  const { fired, calls } = watched(async () => files)
  await calls(20)
  files = 'edited by a shell'
  await calls(20)
  expect(fired).toEqual([])
  await calls(39)
  expect(fired).toEqual([])
  await calls(1)
  expect(fired).toMatchObject([{ cause: 'no-progress', message: expect.stringContaining('without editing') }])
})

test('files that cannot be looked at stop nobody', async () => {
  const { fired, calls } = watched(() => Promise.reject(new Error('no git')))
  await calls(100)
  expect(fired).toEqual([])
})

test('[JOB-9] only the first limit that is passed speaks, and none after the end', async () => {
  const { fired, calls } = watched()
  await calls(60, false)
  expect(fired).toHaveLength(1)
  const over = watched()
  over.guard.stop()
  await over.calls(60, false)
  expect(over.fired).toEqual([])
})
