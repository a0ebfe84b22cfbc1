import { expect, test } from 'vitest'
import { endedBy } from './ended-by.ts'

test.each([
  ['by itself', 0, null, { exitCode: 0, signal: null }],
  ['with an error', 1, null, { exitCode: 1, signal: null }],
  ['by a signal', null, 'SIGKILL', { exitCode: null, signal: 'SIGKILL' }],
  ['by a signal that bubblewrap passes on', 137, null, { exitCode: null, signal: 'SIGKILL' }],
  ['by a fault of its own that bubblewrap passes on', 139, null, { exitCode: null, signal: 'SIGSEGV' }],
  ['like git at a wrong option', 129, null, { exitCode: 129, signal: null }],
  ['with the largest code', 255, null, { exitCode: 255, signal: null }],
])('a program ended %s', (_, exitCode, signal, expected) => {
  expect(endedBy(exitCode, signal)).toEqual(expected)
})
