/** Programs that share everything with the runner but their process namespace: real bubblewrap, real processes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Launched } from '../launcher.ts'
import { findHolder, holdingLauncher } from './hold-together.ts'

const holder = await findHolder()
const PATH = process.env.PATH ?? ''
const mark = `hold-together-test-${process.pid}`
const launch = holdingLauncher(holder ?? '', mark, {})
const sh = (script: string): Launched => launch({ file: 'sh', args: ['-c', script], cwd: folder, env: { PATH } })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'switchyard-hold-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ended = ({ child }: Launched) => new Promise<number | null>((resolve) => child.once('close', resolve))
const said = ({ child }: Launched) => new Promise<string>((resolve) => child.stdout?.once('data', (text) => resolve(`${text}`)))

async function sleepers(seconds: number): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line.startsWith(`sleep\u0000${seconds}`)).length
}

test.skipIf(holder === null)('a program has the runner’s files and folder, its own environment and its exit code', async () => {
  const launched = sh('echo $SWITCHYARD_JOB > mark.txt; pwd; exit 7')
  expect(await said(launched)).toBe(`${folder}\n`)
  expect(await ended(launched)).toBe(7)
  expect(await launched.leaveNothing()).toBeNull()
  expect(await readFile(path.join(folder, 'mark.txt'), 'utf8')).toBe(`${mark}\n`)
})

test.skipIf(holder === null)('what left its session and cleared its environment ends with it', async () => {
  const away = "setsid env -i sh -c 'echo away; exec sleep 4721' 2>/dev/null & wait"
  const launched = sh(away)
  await said(launched)
  await expect.poll(() => sleepers(4721)).toBe(1)
  const over = ended(launched)
  launched.kill()
  await over
  expect(await launched.leaveNothing()).toBeNull()
  expect(await sleepers(4721)).toBe(0)
})

test.skipIf(holder === null)('it is asked to end together with what it started, and may put its things in order', async () => {
  const child = 'trap "echo child > child.txt; exit" TERM; echo up; while :; do sleep 0.05; done'
  const launched = sh(`sh -c '${child}' & trap "wait; echo order > order.txt; exit 5" TERM; wait`)
  await said(launched)
  const over = ended(launched)
  launched.terminate()
  expect(await over).toBe(5)
  expect(await readFile(path.join(folder, 'child.txt'), 'utf8')).toBe('child\n')
  expect(await readFile(path.join(folder, 'order.txt'), 'utf8')).toBe('order\n')
})

test.skipIf(holder === null)('memory that runs out takes it before the runner', async () => {
  const launched = sh('cat /proc/self/oom_score_adj')
  expect(await said(launched)).toBe('1000\n')
  await ended(launched)
  await launched.leaveNothing()
})

test('a program that is not there is told as ever', async () => {
  const { child } = launch({ file: 'nowhere-4711', args: [], cwd: folder, env: { PATH } })
  expect(await new Promise((resolve) => child.once('error', resolve))).toMatchObject({ code: 'ENOENT' })
})
