import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { startSwitchyard, type Yard, type YardOptions } from './harness.ts'

/** A test's patience, longer than that of its waits: theirs is the error that tells more. */
const TEST_TIMEOUT_MS = 240_000

/** One Switchyard for the tests of a file; after each of them nothing may have broken GitHub's published descriptions. */
export function useSwitchyard(options: YardOptions): () => Yard {
  vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })
  let yard: Yard | null = null
  beforeAll(async () => {
    yard = await startSwitchyard(options)
  }, TEST_TIMEOUT_MS)
  afterEach(() => {
    yard?.github.faults.clear()
    expect(yard?.github.inspect().violations()).toEqual([])
  })
  afterAll(async () => {
    await yard?.close()
  }, TEST_TIMEOUT_MS)
  return () => {
    if (yard === null) throw new Error('it has not started')
    return yard
  }
}
