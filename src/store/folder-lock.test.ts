import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let home: string
let folder: string
let file: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'switchyard-lock-'))
  folder = join(home, 'db')
  file = `${folder}.lock`
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** The pid of a process that was and is no more. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? 0
}

async function ownerNow() {
  return JSON.parse(await readFile(file, 'utf8'))
}

test('one has the folder; another is refused at once, with the folder, its owner and the remedy; given back it is free', async () => {
  const lock = await lockFolder(folder)
  const started = performance.now()
  await expect(lockFolder(folder)).rejects.toMatchObject({
    failure: {
      cause: 'config',
      message: expect.stringMatching(new RegExp(`${folder}.*pid ${process.pid}.*DATA_DIR.*DATABASE_URL`)),
    },
  })
  expect(performance.now() - started).toBeLessThan(2_000)
  await lock.release()
  const again = await lockFolder(folder)
  await again.release()
})

test('of many who want it at once one gets it', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(folder)))
  const got = tries.filter((result) => result.status === 'fulfilled')
  expect(got).toHaveLength(1)
  for (const { value } of got) await value.release()
})

test('the folder of a dead process, and one whose pid another process has now, is taken over at once', async () => {
  const own = await lockFolder(folder)
  const self = await ownerNow()
  await own.release()
  for (const left of [
    { ...self, pid: await deadPid() },
    { ...self, pid: process.ppid, started: '1' },
    { ...self, started: '1' },
  ]) {
    await writeFile(file, JSON.stringify(left))
    const lock = await lockFolder(folder)
    expect(await ownerNow()).toEqual(self)
    await lock.release()
  }
})

test('a half-written file is nobody', async () => {
  await writeFile(file, '{"pid":')
  await (await lockFolder(folder)).release()
})

test('an owner on another machine or in another container counts until it has been silent', async () => {
  await writeFile(file, JSON.stringify({ pid: 1, place: 'elsewhere', started: '1' }))
  const silent = new Date(Date.now() - 9_000)
  await utimes(file, silent, silent)
  const started = performance.now()
  const lock = await lockFolder(folder)
  expect(performance.now() - started).toBeGreaterThan(500)
  await lock.release()
})

test('who lost the folder does not take it from its heir', async () => {
  const lock = await lockFolder(folder)
  const heir = { pid: process.ppid, place: 'elsewhere', started: '1' }
  await writeFile(file, JSON.stringify(heir))
  await lock.release()
  expect(await ownerNow()).toEqual(heir)
})
