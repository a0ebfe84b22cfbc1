/** What becomes of a job's tokens, on the local GitHub that gives, knows and ends them. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../runner/clock.ts'
import type { JobDeps } from '../../runner/job-deps.ts'
import { repositoryByName } from '../../src/github/repositories.ts'
import { mintToken, revokeToken } from '../../src/github/tokens.ts'
import { API, type Connected, connect, REPOSITORY } from '../github-client/connect.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

const HOUR_MS = 3_600_000
const BRANCH = 'switchyard/run1'

let on: Connected
let shop: Workshop
let ahead = 0
beforeEach(async () => {
  const real = Date.now
  ahead = 0
  // The local GitHub and the App's client go by this clock; the runner's own goes on as it does.
  vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead)
  on = await connect({ now: () => new Date(Date.now()) })
  shop = await openWorkshop()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await shop.close()
  await on.stop()
})

const commit = (file: string): Step => ({ do: 'sh', script: `echo 1 > ${file}; git add -A; git commit -qm ${file}` })
const isLive = async (token: string): Promise<boolean> => {
  const answer = await fetch(`${on.local.apiUrl}/repos/${API}`, { headers: { authorization: `Bearer ${token}` } })
  expect([200, 401]).toContain(answer.status)
  return answer.status === 200
}

test('a job outlives the hour of a token: each operation has its own, and each is ended when that is over', async () => {
  const repository = await repositoryByName(on.octokit, REPOSITORY)
  if (repository === null) throw new Error('the repository is there')
  const { id: repositoryId, cloneUrl } = repository
  const mint = async (contents: 'read' | 'write') =>
    (await mintToken(on.github.app, { installationId: on.installationId, repositoryId, contents })).token
  const given: { operation: string; token: string }[] = []
  const deps = await shop.deps()
  const app: JobDeps['app'] = {
    ...deps.app,
    async token(_job, { operation }) {
      const token = await mint(operation === 'push' ? 'write' : 'read')
      given.push({ operation, token })
      return token
    },
    tokenEnd: (_job, token) => revokeToken(on.github.withToken, token),
  }
  const clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() }
  const wait: Step = { do: 'sh', script: `while test -d ${shop.dir} && test ! -e ${shop.dir}/go; do sleep 0.05; done` }
  const leg = shop.leg(API, { repositoryId, cloneUrl, workBranch: BRANCH })
  const more = { limits: { checkpointMs: 1_000 }, allowedHosts: [cloneUrl, shop.app.url].map((url) => new URL(url).host) }
  const spec = shop.spec([leg], [commit('one'), wait, commit('two'), success()], more)
  const unused = await mint('write')
  const running = shop.run(spec, { app, clock })

  const branches = async () => Object.keys(await on.local.inspect().branches(API))
  await expect.poll(branches, { timeout: 30_000 }).toContain(BRANCH)
  const liveOnes = async () => (await Promise.all(given.map(({ token }) => isLive(token)))).filter((live) => live)
  await expect.poll(liveOnes, { timeout: 10_000 }).toEqual([])
  expect(given.map(({ operation }) => operation)).toEqual(['fetch', 'push'])
  expect(await isLive(unused)).toBe(true)
  ahead = HOUR_MS + 1_000
  expect(await isLive(unused)).toBe(false)

  await writeFile(path.join(shop.dir, 'go'), '')
  const { result } = await running
  expect(result).toMatchObject({ status: 'finished', legs: [{ ahead: 2, push: { status: 'pushed' } }] })
  expect(given.map(({ operation }) => operation)).toEqual(['fetch', 'push', 'push'])
  expect(new Set(given.map(({ token }) => token)).size).toBe(3)
  expect(await liveOnes()).toEqual([])
})
