/** The mirrors of a data folder: what is evicted and when, beside jobs that work, that were killed, in several processes. */
import { spawn } from 'node:child_process'
import { access, readdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../runner/clock.ts'
import { createGit } from '../../runner/git/run-git.ts'
import { startHousekeeping } from '../../runner/housekeeping.ts'
import { createLocks } from '../../runner/workspace/locks.ts'
import { bytesOf, trimMirrors } from '../../runner/workspace/mirror-cache.ts'
import { leasesOf } from '../../runner/workspace/mirror-leases.ts'
import { tidyMirrors } from '../../runner/workspace/tidy-mirrors.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

/** Locks of killed processes count as left after this, in ms; `run-once.ts` has the same. */
const STALE_MS = 2_000

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  for (const name of ['acme/one', 'acme/two', 'acme/three']) await shop.repository(name)
})
afterEach(async () => {
  await shop.close()
})

const host = (): string => path.join(shop.dataDir, 'mirrors', new URL(shop.server.url).host.replace(':', '_'))
const kept = async (): Promise<string[]> =>
  (await readdir(path.join(host(), 'acme')).catch(() => [])).filter((name) => name.endsWith('.git'))
const cache = () => ({ locks: createLocks(STALE_MS), dataDir: shop.dataDir })
const edit: readonly Step[] = [{ do: 'write', file: 'new.js', text: 'new\n' }, success()]

function spec(name: string, step: string, script: readonly Step[] = edit) {
  return shop.spec([shop.leg(name, { workBranch: `switchyard/${step}` })], script, { id: `run1-${step}-1`, step })
}
const job = async (name: string, step = name.slice(5), script = edit) => (await shop.run(spec(name, step, script))).result
const waitFor = (file: string): Step => ({
  do: 'sh',
  script: `while test -d ${shop.dir} && test ! -e ${shop.dir}/${file}; do sleep 0.02; done`,
})
const until = (look: () => Promise<unknown>): Promise<unknown> => vi.waitFor(look, { timeout: 20_000, interval: 50 })

function start(job: unknown, crashAt?: string): { over: Promise<number | string | null>; kill(): void } {
  const argument = JSON.stringify({ appUrl: shop.app.url, dataDir: shop.dataDir, spec: job })
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'run-once.ts'), argument], {
    env: { PATH: process.env.PATH, ...(crashAt === undefined ? {} : { SWITCHYARD_CRASH_AT: crashAt }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const over = new Promise<number | string | null>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  return { over, kill: () => void child.kill('SIGKILL') }
}

test('above the limit the mirror that was used longest ago goes first, until they fit', async () => {
  for (const name of ['acme/one', 'acme/two', 'acme/three']) await job(name)
  expect(await kept()).toEqual(['one@101.git', 'three@103.git', 'two@102.git'])
  // Used again: now the second is the oldest.
  await job('acme/one', 'again')
  const { bytes } = await trimMirrors(cache(), Number.MAX_SAFE_INTEGER)
  expect(bytes).toBe((await bytesOf(path.join(host(), 'acme'))) - (await leaseBytes()))
  expect(await trimMirrors(cache(), bytes)).toMatchObject({ evicted: [], freed: 0 })
  expect((await trimMirrors(cache(), bytes - 1)).evicted).toEqual([expect.stringMatching(/two@102\.git$/)])
  const trimmed = await trimMirrors(cache(), 1)
  expect(trimmed.bytes).toBe(0)
  expect(trimmed.evicted.map((name) => path.basename(name))).toEqual(['three@103.git', 'one@101.git'])
  expect(await readdir(path.join(host(), 'acme'))).toEqual([])
  expect((await job('acme/one', 'cold')).status).toBe('finished')
})

async function leaseBytes(): Promise<number> {
  const names = await kept()
  return (await Promise.all(names.map((name) => bytesOf(leasesOf(path.join(host(), 'acme', name)))))).reduce((a, b) => a + b, 0)
}

test('the mirror that a job works from stays, whatever the limit, and goes when the job is over', async () => {
  await job('acme/two')
  const running = job('acme/one', 'busy', [{ do: 'sh', script: `touch ${shop.dir}/begun` }, waitFor('go'), ...edit])
  await until(() => access(`${shop.dir}/begun`))
  const { evicted, bytes } = await trimMirrors(cache(), 0)
  expect(evicted.map((name) => path.basename(name))).toEqual(['two@102.git'])
  expect(bytes).toBeGreaterThan(0)
  expect(await kept()).toEqual(['one@101.git'])
  await tidyMirrors({ ...cache(), git: failing, log: quiet }, new AbortController().signal)
  await writeFile(`${shop.dir}/go`, '')
  expect(await running).toMatchObject({ status: 'finished', legs: [{ ahead: 1 }] })
  expect((await trimMirrors(cache(), 0)).bytes).toBe(0)
})

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const failing = async (): Promise<never> => {
  throw new Error('a leased mirror is left alone')
}

test('a job whose runner was killed keeps its mirror only until its lock is stale', async () => {
  const script: Step[] = [{ do: 'sh', script: `touch ${shop.dir}/begun` }, waitFor('never')]
  const runner = start(spec('acme/one', 'killed', script))
  await until(() => access(`${shop.dir}/begun`))
  expect((await trimMirrors(cache(), 0)).evicted).toEqual([])
  runner.kill()
  expect(await runner.over).toBe('SIGKILL')
  await until(async () => expect((await trimMirrors(cache(), 0)).evicted).toHaveLength(1))
  await writeFile(`${shop.dir}/never`, '')
  expect(await kept()).toEqual([])
})

test('work that is committed and not yet pushed keeps its mirror, and is pushed by the next start', async () => {
  const committed = spec('acme/one', 'kept')
  expect(await start(committed, 'committed').over).toBe('SIGKILL')
  const lock = path.join(shop.dataDir, 'workspaces', 'run1-kept.lock')
  await utimes(lock, new Date(0), new Date(0))
  expect((await trimMirrors(cache(), 0)).evicted).toEqual([])
  expect(await start(committed).over).toBe(0)
  expect((await shop.app.result()).legs).toMatchObject([{ ahead: 1, push: { status: 'pushed' } }])
  expect((await trimMirrors(cache(), 0)).evicted).toHaveLength(1)
})

test('work that is committed and not yet pushed is pushed even if its mirror has gone meanwhile', async () => {
  const committed = spec('acme/one', 'kept')
  expect(await start(committed, 'committed').over).toBe('SIGKILL')
  await execa('rm', ['-r', path.join(host(), 'acme')])
  expect(await start(committed).over).toBe(0)
  expect((await shop.app.result()).legs).toMatchObject([{ ahead: 1, push: { status: 'pushed' } }])
})

test('three processes over one data folder, all cold, while a fourth evicts whatever it may: every job is right', async () => {
  const steps = ['a', 'b', 'c']
  const over = { yes: false }
  const jobs = Promise.all(steps.map((step) => start(spec('acme/one', step)).over)).finally(() => {
    over.yes = true
  })
  while (!over.yes) await trimMirrors(cache(), 0)
  expect(await jobs).toEqual([0, 0, 0])
  expect(shop.app.results.map(({ result }) => result.status)).toEqual(['finished', 'finished', 'finished'])
  for (const step of steps) expect(await shop.git('acme/one', 'show', `switchyard/${step}:new.js`)).toBe('new')
})

test('what an eviction that was killed left is cleared by the next', async () => {
  await job('acme/one')
  const mirror = path.join(host(), 'acme/one@101.git')
  await execa('mv', [mirror, `${mirror}.gone`])
  await execa('cp', ['-r', `${mirror}.gone`, `${mirror}.new`])
  await trimMirrors(cache(), Number.MAX_SAFE_INTEGER)
  expect(await readdir(path.join(host(), 'acme'))).toEqual(['one@101.git.leases'])
})

test('an idle mirror is tidied: packs are put together, old branches forgotten, and one that is broken is removed', async () => {
  await job('acme/one')
  await job('acme/two')
  const mirror = path.join(host(), 'acme/one@101.git')
  const git = async (...args: string[]) => (await execa('git', args, { cwd: mirror })).stdout
  for (let n = 0; n < 4; n += 1) {
    await shop.commit('acme/one', `old-${n}`, { [`${n}.txt`]: `${n}\n` })
    await git('fetch', '-q', `${shop.dir}/repos/acme/one.git`, `+refs/heads/old-${n}:refs/heads/old-${n}`)
    await git('repack', '-dq')
  }
  await writeFile(path.join(host(), 'acme/two@102.git/config'), '[core\n')
  const { gitHome } = await shop.deps()
  const deps = { ...cache(), git: createGit(gitHome, createRedactor(), 'test'), log: quiet }
  await tidyMirrors(deps, new AbortController().signal, { branches: 2, packs: 2 })
  expect((await readdir(path.join(mirror, 'objects/pack'))).filter((name) => name.endsWith('.pack'))).toHaveLength(1)
  expect((await git('for-each-ref', '--format=%(refname)')).split('\n')).toHaveLength(2)
  expect(await kept()).toEqual(['one@101.git'])
  expect((await job('acme/one', 'after')).status).toBe('finished')
})

test('a runner’s housekeeping holds the mirrors to their limit at its start and after a job, and says what it evicted', async () => {
  await job('acme/one')
  const { gitHome } = await shop.deps()
  const said: unknown[] = []
  const log = { ...quiet, info: (fields: object, message: string) => void said.push([message, fields]) }
  const git = createGit(gitHome, createRedactor(), 'test')
  const housekeeping = startHousekeeping({ ...cache(), git, log, clock: systemClock, mirrorsMaxBytes: 1 })
  await until(async () => expect(await kept()).toEqual([]))
  await job('acme/two')
  await housekeeping.trim()
  expect(await kept()).toEqual([])
  await housekeeping.stop()
  expect(said).toEqual([
    ['mirrors evicted', { bytes: 0, evicted: [expect.stringMatching(/acme\/one@101\.git$/)] }],
    ['mirrors evicted', { bytes: 0, evicted: [expect.stringMatching(/acme\/two@102\.git$/)] }],
  ])
})
