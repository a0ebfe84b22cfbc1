/** Two processes of one Switchyard: two clients of the same App, over one store, on the local GitHub. */
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBreaker, LONGEST_BLOCK_MS } from '../../src/github/breaker.ts'
import { createGitHub, type GitHub } from '../../src/github/client.ts'
import { createComment } from '../../src/github/comments.ts'
import { getIssue } from '../../src/github/issues.ts'
import { extendBlock, readBlock } from '../../src/store/github-blocks.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { API, type Connected, connect, REPOSITORY, SECRET } from './connect.ts'

const log = pino({ level: 'silent' })
let on: Connected
let store: Store
let one: GitHub
let other: GitHub

const blocks = () => ({
  read: (installationId: number, now: number) => readBlock(store.db, installationId, now),
  extend: (installationId: number, until: number, now: number) => extendBlock(store.db, installationId, until, now),
})
const process = () =>
  createGitHub({
    appId: on.app.appId,
    privateKey: on.app.privateKey,
    apiUrl: on.local.apiUrl,
    pacing: { writeMs: 0, commentMs: 0 },
    webhookSecret: SECRET,
    blocks: blocks(),
    log,
    retryMs: 1,
  })

beforeAll(async () => {
  on = await connect()
  store = await openStore({ log })
  ;[one, other] = await Promise.all([process(), process()])
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  await on.stop()
  await store.close()
})

/** Between two looks at what is waited for, in ms. */
const look = () => new Promise((resolve) => setTimeout(resolve, 10))
const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments'

describe('the breaker', () => {
  it('[FAIL-4] opened by one process it keeps all of the installation from asking, no other one, and closes by itself', async () => {
    const { local, installationId } = on
    const { number } = local.as('wes').openIssue(API, { title: 'Limited' })
    local.createOrganization('elsewhere')
    await local.createRepository({ owner: 'elsewhere', name: 'site', private: true, files: { a: 'a' }, ci: [] })
    const { installationId: elsewhere } = local.install(on.app.appId, { account: 'elsewhere', repositories: 'all' })
    const [mine, theirs, far] = await Promise.all([
      one.installation(installationId),
      other.installation(installationId),
      other.installation(elsewhere),
    ])
    // Tokens are minted before, so that what is counted is what was asked.
    await Promise.all([mine, theirs].map((octokit) => getIssue(octokit, REPOSITORY, number)))
    const asked = () =>
      local
        .inspect()
        .requests()
        .filter(({ path }) => !path.endsWith('/access_tokens'))
        .map(({ method, path }) => `${method} ${path}`)

    local.faults.secondaryRateLimit({ matcher: { method: 'POST', route: COMMENTS }, retryAfter: 2 })
    const limited = { failure: { cause: 'rate-limit' } }
    await expect(createComment(mine, REPOSITORY, number, 'first')).rejects.toMatchObject(limited)
    const until = (await one.blocked(installationId))?.until ?? 0
    const before = asked()
    // The other process learns of it at its next look into the store.
    while ((await other.blocked(installationId)) === null) await look()
    await expect(createComment(theirs, REPOSITORY, number, 'second')).rejects.toMatchObject(limited)
    await expect(getIssue(theirs, REPOSITORY, number)).rejects.toMatchObject(limited)
    await expect(getIssue(mine, REPOSITORY, number)).rejects.toMatchObject(limited)
    expect(asked()).toEqual(before)
    expect((await other.blocked(installationId))?.until).toBe(until)

    expect(await other.blocked(elsewhere)).toBeNull()
    expect(await getIssue(far, { owner: 'elsewhere', repo: 'site' }, 1)).toBeNull()

    while ((await other.blocked(installationId)) !== null || (await one.blocked(installationId)) !== null) await look()
    expect(Date.now()).toBeGreaterThanOrEqual(until)
    await createComment(mine, REPOSITORY, number, 'first')
    await createComment(theirs, REPOSITORY, number, 'second')
    expect(
      local
        .inspect()
        .comments(API, number)
        .map(({ body }) => body),
    ).toEqual(['first', 'second'])
  })

  it('[FAIL-4] is made longer and never shorter by whoever is told of the same limit, and asks the store now and then only', async () => {
    let now = 1_000_000
    let reads = 0
    const read = (id: number, at: number) => {
      reads += 1
      return readBlock(store.db, id, at)
    }
    const counting = { ...blocks(), read }
    const first = createBreaker({ store: counting, now: () => now })
    const second = createBreaker({ store: blocks(), now: () => now })
    expect(await first.blocked(77)).toBeNull()
    for (let times = 0; times < 10; times += 1) await first.blocked(77)
    expect(reads).toBe(1)
    await second.open(77, new Date(now + 30_000))
    await second.open(77, new Date(now + 10_000))
    now += 1_000
    expect(await first.blocked(77)).toEqual({ since: 1_000_000, until: 1_030_000 })
    expect(reads).toBe(2)
    await second.open(77, new Date(now + 60_000))
    now = 1_030_000
    expect(await first.blocked(77)).toEqual({ since: 1_000_000, until: 1_061_000 })
    now = 1_061_000
    expect(await first.blocked(77)).toBeNull()
    await first.open(77, new Date(now + 10 * LONGEST_BLOCK_MS))
    expect(await second.blocked(77)).toEqual({ since: now, until: now + LONGEST_BLOCK_MS })
    await first.open(78, new Date(now))
    expect(await first.blocked(78)).toBeNull()
  })
})
