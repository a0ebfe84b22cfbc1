/** What jobs use in sum: real files, real processes, the real `find`. */
import { spawn } from 'node:child_process'
import { link, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Failure } from '../../src/contract/failure.ts'
import { DEFAULT_USE_LIMITS, type UseLimits } from '../../src/contract/use-limits.ts'
import { systemClock } from '../clock.ts'
import { canCount, diskUse } from './disk-use.ts'
import { createUseWatch } from './use-watch.ts'

const MIB = 1024 ** 2
const ALL = { bytes: Number.MAX_SAFE_INTEGER, files: Number.MAX_SAFE_INTEGER }
const quiet = (): void => undefined
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const counts = await canCount()

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'switchyard-use-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const later = async (moment: number) => {
  while (Date.now() <= moment) await new Promise(setImmediate)
}

describe.skipIf(!counts)('what was written', () => {
  test('counts from a moment on, whatever its time is set to; a file by two names is one', async () => {
    await writeFile(path.join(folder, 'before'), Buffer.alloc(MIB))
    await later(Date.now() + 20)
    const since = Date.now()
    await later(since + 20)
    await mkdir(path.join(folder, 'in'))
    await writeFile(path.join(folder, 'in', 'after\nwith a line\u001b[31m'), Buffer.alloc(2 * MIB))
    await link(path.join(folder, 'in', 'after\nwith a line\u001b[31m'), path.join(folder, 'in', 'again'))
    await utimes(path.join(folder, 'in', 'again'), 1, 1)
    const { bytes, files } = await diskUse([folder], since, ALL, false)
    expect(bytes).toBeGreaterThanOrEqual(2 * MIB)
    expect(bytes).toBeLessThan(2 * MIB + 64 * 1024)
    // The folder itself, that in it, and the file.
    expect(files).toBe(3)
  })

  test('is not counted to the end once it is too much, and a folder that is not there has nothing', async () => {
    for (let count = 0; count < 50; count += 1) await writeFile(path.join(folder, String(count)), '')
    expect((await diskUse([folder], 0, { bytes: MIB, files: 10 }, false)).files).toBe(11)
    expect(await diskUse([path.join(folder, 'nowhere')], 0, ALL, false)).toEqual({ bytes: 0, files: 0 })
  })
})

/** Elsewhere than as root with the right to mount this is skipped, and the report says so. */
const mayMount = await execa('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).then(
  () => true,
  () => false,
)

describe.skipIf(!counts || !mayMount)('a disk that is nearly full', () => {
  beforeEach(async () => void (await execa('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder])))
  afterEach(async () => void (await execa('umount', ['--lazy', folder])))

  /** Watches two jobs that have written so many MiB, until one is ended or the disk was looked at often; gives who, and why. */
  async function ended(limits: Partial<UseLimits>, mib: { readonly first: number; readonly second: number }) {
    let looks = 0
    const after = (ms: number, act: () => void) => {
      looks += 1
      return systemClock.after(ms / 20, act)
    }
    const clock = { ...systemClock, after }
    const watch = createUseWatch({ dataDir: folder, limits: { ...DEFAULT_USE_LIMITS, ...limits }, clock, log })
    const child = spawn('sleep', ['600'])
    const passed: [string, Failure][] = []
    const stops: (() => void)[] = []
    for (const name of ['first', 'second'] as const) {
      const place = path.join(folder, name)
      await mkdir(place)
      stops.push(watch.job([place]).program(child, (failure) => void passed.push([name, failure])))
      await later(Date.now() + 20)
      await writeFile(path.join(place, 'large'), Buffer.alloc(mib[name] * MIB))
    }
    await expect.poll(() => passed.length > 0 || looks > 60, { timeout: 20_000 }).toBe(true)
    for (const stop of stops) stop()
    child.kill('SIGKILL')
    return passed
  }

  test('ends the job that has written most, and no other', async () => {
    const message = expect.stringMatching(/nearly full \(16 MiB .*RUNNER_DISK_FREE_BYTES.* written most, 44 MiB in 2 files/)
    const failure = { cause: 'agent', retryable: false, message }
    expect(await ended({ freeBytes: 16 * MIB }, { first: 8, second: 44 })).toEqual([['second', failure]])
  })

  test('ends nobody where none has written as much as is to stay free: others fill it', async () => {
    await writeFile(path.join(folder, 'others'), Buffer.alloc(40 * MIB))
    expect(await ended({ freeBytes: 16 * MIB }, { first: 2, second: 10 })).toEqual([])
  })
})
