import { expect, test } from 'vitest'
import { DEFAULT_USE_LIMITS } from '../src/contract/use-limits.ts'
import { readEnvironment } from './environment.ts'

const good = { APP_URL: 'http://127.0.0.1:3000', RUNNER_SECRET: 'a-secret-of-some-length', REDIS_URL: 'redis://127.0.0.1:6379' }

test('a minimal environment is enough', () => {
  expect(readEnvironment(good)).toMatchObject({
    ok: true,
    settings: { concurrency: 2, logLevel: 'info', prefix: 'switchyard' },
  })
  expect(readEnvironment({ ...good, RUNNER_CONCURRENCY: '', DATA_DIR: '', LOG_LEVEL: '' }).ok).toBe(true)
  expect(readEnvironment({ ...good, RUNNER_CONCURRENCY: '32' })).toMatchObject({ settings: { concurrency: 32 } })
})

test('all faults are told at once, each with its variable and the remedy', () => {
  const read = readEnvironment({ APP_URL: 'ftp://x', RUNNER_CONCURRENCY: '33', LOG_LEVEL: 'loud' })
  const faults = read.ok ? [] : read.faults
  for (const name of ['APP_URL', 'RUNNER_SECRET', 'REDIS_URL', 'RUNNER_CONCURRENCY', 'LOG_LEVEL']) {
    expect(
      faults.filter((fault) => fault.startsWith(`${name} `)),
      name,
    ).toHaveLength(1)
  }
  expect(faults.find((fault) => fault.startsWith('REDIS_URL'))).toContain('npm start')
})

test('RUNNER_MIRRORS_MAX_BYTES has a default and bounds', () => {
  expect(readEnvironment(good)).toMatchObject({ settings: { mirrorsMaxBytes: 20 * 1024 ** 3 } })
  expect(readEnvironment({ ...good, RUNNER_MIRRORS_MAX_BYTES: '104857600' })).toMatchObject({
    settings: { mirrorsMaxBytes: 104_857_600 },
  })
  for (const value of ['104857599', '109951162777601', '1e9', '20GiB', '-1']) {
    const read = readEnvironment({ ...good, RUNNER_MIRRORS_MAX_BYTES: value })
    expect(read.ok ? [] : read.faults).toEqual([
      expect.stringMatching(/^RUNNER_MIRRORS_MAX_BYTES .* 104857600 to .*Leave it out/),
    ])
  }
})

test('RUNNER_GIT_STALL_SECONDS has a default and bounds', () => {
  expect(readEnvironment(good)).toMatchObject({ settings: { gitStallSeconds: 60 } })
  expect(readEnvironment({ ...good, RUNNER_GIT_STALL_SECONDS: '600' })).toMatchObject({ settings: { gitStallSeconds: 600 } })
  for (const value of ['9', '601', '1e2', '60s', '-1']) {
    const read = readEnvironment({ ...good, RUNNER_GIT_STALL_SECONDS: value })
    expect(read.ok ? [] : read.faults).toEqual([
      expect.stringMatching(/^RUNNER_GIT_STALL_SECONDS .* 10 to 600\..*Leave it out for 60/),
    ])
  }
})

test.each(['0', '-1', '1.5', '100', 'two', '1e1'])('RUNNER_CONCURRENCY=%s is refused', (value) => {
  expect(readEnvironment({ ...good, RUNNER_CONCURRENCY: value }).ok).toBe(false)
})

test('what a job may use in sum has defaults and bounds', () => {
  expect(readEnvironment(good)).toMatchObject({ settings: { useLimits: DEFAULT_USE_LIMITS } })
  const given = { RUNNER_JOB_MAX_BYTES: '1073741824', RUNNER_JOB_MAX_FILES: '', RUNNER_DISK_FREE_BYTES: '0' }
  const useLimits = { ...DEFAULT_USE_LIMITS, diskBytes: 1_073_741_824, freeBytes: 0 }
  expect(readEnvironment({ ...good, ...given })).toMatchObject({ settings: { useLimits } })
  for (const [name, value] of [
    ['RUNNER_JOB_MAX_BYTES', '5'],
    ['RUNNER_JOB_MAX_FILES', '1e6'],
    ['RUNNER_DISK_FREE_BYTES', '-1'],
    ['RUNNER_JOB_MEMORY_BYTES', '8GiB'],
  ]) {
    const read = readEnvironment({ ...good, [name ?? '']: value })
    expect(read.ok ? [] : read.faults).toEqual([
      expect.stringMatching(new RegExp(`^${name} must be a whole number of .* Leave it out`)),
    ])
  }
})
