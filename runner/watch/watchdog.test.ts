import { expect, test } from 'vitest'
import type { Failure } from '../../src/contract/failure.ts'
import { JobLimits } from '../../src/contract/job.ts'
import { createFakeClock } from '../../test/runner/fake-clock.ts'
import { startWatchdog } from './watchdog.ts'

const limits = JobLimits.parse({})
const MINUTE = 60_000

function watched() {
  const clock = createFakeClock()
  const fired: Failure[] = []
  return { clock, fired, dog: startWatchdog(limits, clock, (failure) => fired.push(failure)) }
}

test('[JOB-9] no event within 2 min: a cold start', () => {
  const { clock, fired, dog } = watched()
  clock.advance(MINUTE)
  dog.byte()
  clock.advance(MINUTE - 1)
  expect(fired).toEqual([])
  clock.advance(1)
  expect(fired).toMatchObject([{ cause: 'timeout-inactivity', message: expect.stringContaining('did not begin') }])
})

test('[JOB-9] nothing written for 10 min: inactivity, and only the first to fire speaks', () => {
  const { clock, fired, dog } = watched()
  dog.event()
  clock.advance(9 * MINUTE)
  dog.byte()
  dog.toolEnded()
  clock.advance(10 * MINUTE - 1)
  dog.stop()
  clock.advance(60 * MINUTE)
  expect(fired).toEqual([])
  const again = watched()
  again.dog.event()
  again.clock.advance(100 * MINUTE)
  expect(again.fired).toMatchObject([{ cause: 'timeout-inactivity', message: expect.stringContaining('wrote nothing') }])
})

test('[JOB-9] writing but finishing no tool for 15 min: tool silence', () => {
  const { clock, fired, dog } = watched()
  dog.event()
  for (let minute = 0; minute < 14; minute += 1) {
    clock.advance(MINUTE)
    dog.byte()
  }
  dog.toolEnded()
  for (let minute = 0; minute < 15; minute += 1) {
    expect(fired).toEqual([])
    clock.advance(MINUTE)
    dog.byte()
  }
  expect(fired).toMatchObject([{ cause: 'timeout-inactivity', message: expect.stringContaining('No tool') }])
})

test('[JOB-9] busy for 60 min: duration', () => {
  const { clock, fired, dog } = watched()
  dog.event()
  for (let minute = 0; minute < 60; minute += 1) {
    expect(fired).toEqual([])
    dog.byte()
    dog.toolEnded()
    clock.advance(MINUTE)
  }
  expect(fired).toMatchObject([{ cause: 'timeout-duration' }])
})

test('[JOB-9] every inner limit is shorter than the outer one it could be mistaken for', () => {
  expect(limits.coldStartMs).toBeLessThan(limits.inactivityMs)
  expect(limits.inactivityMs).toBeLessThan(limits.toolSilenceMs)
  expect(limits.toolSilenceMs).toBeLessThan(limits.durationMs)
})
