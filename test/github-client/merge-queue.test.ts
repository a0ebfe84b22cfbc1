import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { HeadSha } from '../../src/contract/ids.ts'
import { mergeByRules } from '../../src/github/merge-queue.ts'
import { createDraft, getPull, markReady } from '../../src/github/pull-requests.ts'
import { findRevert, openRevert } from '../../src/github/reverts.ts'
import { API, type Connected, connect, REPOSITORY } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect({ validate: 'collect' })
})
afterAll(async () => {
  expect(on.local.inspect().violations()).toEqual([])
  await on.stop()
})
beforeEach(() => {
  rules(null)
  seen().queueMerges(API, 'main', null)
  seen().repository(API).allowAutoMerge = true
})

const seen = () => on.local.inspect()
const rules = (protection: Parameters<ReturnType<typeof seen>['protect']>[2]) => seen().protect(API, 'main', protection)
const approve = (number: number) => on.local.as('mia').review(API, number, { event: 'APPROVE' })

let count = 0
/** A pull request out of draft, of which GitHub knows whether it can be merged. */
async function ready(files?: Record<string, string>) {
  count += 1
  const branch = `switchyard/q${count}`
  const changed = files ?? { [`queued-${count}.txt`]: 'new' }
  const head = HeadSha.parse(await on.local.as('wes').push(API, branch, changed, 'change'))
  const { pull } = await createDraft(on.octokit, REPOSITORY, { branch, base: 'main', title: branch, body: '' })
  await markReady(on.octokit, pull)
  while ((await getPull(on.octokit, REPOSITORY, pull.number))?.mergeable === 'unknown') await on.local.idle()
  return { branch, head, number: pull.number, pull }
}
const merge = (number: number, sha: HeadSha, auto = false) =>
  mergeByRules(on.octokit, REPOSITORY, number, { sha, method: 'squash', auto })
const settled = async (number: number) => {
  await on.local.idle()
  return seen().pull(API, number).pull
}
const direct = () => seen().writes()['PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'] ?? 0
const GRAPHQL = { method: 'POST', route: '/graphql' }

describe('merging by the rules of the branch', () => {
  it('merges at once where nothing is against it, with auto-merge wished or not', async () => {
    for (const auto of [false, true]) {
      const { number, head } = await ready()
      rules({ requiredChecks: [] })
      expect(await merge(number, head, auto)).toMatchObject({ status: 'merged', pull: { head } })
      expect(await merge(number, head, auto)).toMatchObject({ status: 'merged' })
    }
  })

  it('goes through the merge queue, and never past it', async () => {
    const { number, head } = await ready()
    seen().queueMerges(API, 'main', 'squash')
    rules({ requiredChecks: ['test'] })
    await on.other.octokit.rest.repos.createCommitStatus({ ...REPOSITORY, sha: head, context: 'test', state: 'success' })
    const before = direct()
    expect(await merge(number, head)).toEqual({ status: 'queued', by: 'queue' })
    expect(await merge(number, head)).toEqual({ status: 'queued', by: 'queue' })
    expect(seen().queued(API, 'main')).toEqual([number])
    rules({ requiredChecks: [] })
    expect((await settled(number)).merged).not.toBeNull()
    expect(await merge(number, head)).toMatchObject({ status: 'merged' })
    expect(direct()).toBe(before)
  })

  it('finds itself in the queue after the answer got lost', async () => {
    const { number, head } = await ready()
    seen().queueMerges(API, 'main', 'squash')
    rules({ requiredChecks: ['test'] })
    await on.other.octokit.rest.repos.createCommitStatus({ ...REPOSITORY, sha: head, context: 'test', state: 'success' })
    // The look is answered; the wish is done and its answer lost.
    on.local.faults.failNext(GRAPHQL, { status: 502, afterEffect: true, after: 1 })
    await expect(merge(number, head)).rejects.toMatchObject({ failure: { cause: 'api' } })
    expect(await merge(number, head)).toEqual({ status: 'queued', by: 'queue' })
    expect(seen().queued(API, 'main')).toEqual([number])
  })

  it('is refused by the queue with the reason where rules are not met, or the head moved', async () => {
    const { number, head, branch } = await ready()
    seen().queueMerges(API, 'main', 'squash')
    rules({ requiredApprovals: 1 })
    expect(await merge(number, head)).toMatchObject({
      status: 'refused',
      why: 'not-mergeable',
      message: expect.stringContaining('approving review'),
    })
    await on.local.as('wes').push(API, branch, { more: 'more' }, 'more')
    expect(await merge(number, head)).toMatchObject({ status: 'refused', why: 'head-moved' })
    on.local.as('wes').closePull(API, number)
    expect(await merge(number, head)).toMatchObject({ status: 'refused', why: 'closed' })
  })

  it('is left to auto-merge where that is wished and something is missing', async () => {
    const { number, head } = await ready()
    rules({ requiredApprovals: 1 })
    expect(await merge(number, head)).toMatchObject({ status: 'refused', why: 'not-mergeable' })
    expect(await merge(number, head, true)).toEqual({ status: 'queued', by: 'auto-merge' })
    expect(await merge(number, head, true)).toEqual({ status: 'queued', by: 'auto-merge' })
    expect(seen().pull(API, number).pull.autoMerge).toMatchObject({ method: 'squash' })
    await approve(number)
    expect((await settled(number)).merged).not.toBeNull()
    expect(await merge(number, head, true)).toMatchObject({ status: 'merged' })
  })

  it('goes from auto-merge into the queue where the branch has one', async () => {
    const { number, head } = await ready()
    seen().queueMerges(API, 'main', 'squash')
    rules({ requiredApprovals: 1 })
    expect(await merge(number, head, true)).toEqual({ status: 'queued', by: 'auto-merge' })
    await approve(number)
    expect((await settled(number)).merged).toMatchObject({ by: { login: 'github-merge-queue[bot]' } })
  })

  it('says both reasons where neither is to be had', async () => {
    const { number, head } = await ready()
    rules({ requiredApprovals: 1 })
    seen().repository(API).allowAutoMerge = false
    const answer = await merge(number, head, true)
    expect(answer).toMatchObject({ status: 'refused', why: 'not-mergeable' })
    expect(answer).toMatchObject({ message: expect.stringMatching(/approving review.*Auto merge is not allowed/s) })
  })
})

describe('taking back', () => {
  async function merged(files?: Record<string, string>) {
    const made = await ready(files)
    const marker = `<!-- switchyard:revert run=r${made.number} leg=acme__api -->`
    await on.local.as('wes').mergePull(API, made.number)
    const look = () =>
      findRevert(
        on.octokit,
        REPOSITORY,
        { number: made.number, branch: made.branch, base: 'main' },
        { marker, authorId: on.app.botId },
      )
    return { ...made, marker, look, take: () => openRevert(on.octokit, made.pull, `${marker}\nNo`) }
  }

  it('opens a pull request, which is found again until it is closed', async () => {
    const { look, take } = await merged()
    expect(await look()).toBeNull()
    const revert = await take()
    expect(revert).toMatchObject({ state: 'open', draft: false })
    expect(await look()).toEqual(revert)
    on.local.as('wes').closePull(API, revert.number)
    expect(await look()).toBeNull()
    const second = await take()
    expect(await look()).toMatchObject({ number: second.number })
    await on.local.as('wes').mergePull(API, second.number)
    expect(await look()).toMatchObject({ number: second.number, state: 'merged' })
  })

  it("finds a person's revert, and not what only copies the marker", async () => {
    const { look, number, marker } = await merged()
    await on.local.as('wes').push(API, 'copy', { 'copy.txt': 'x' }, 'x')
    await on.local.as('wes').openPull(API, { title: 'Copy', body: marker, head: 'copy', base: 'main' })
    expect(await look()).toBeNull()
    const theirs = await on.local.as('wes').revertPull(API, number)
    expect(await look()).toMatchObject({ number: theirs.number })
  })

  it('finds what it opened though the answer got lost', async () => {
    const { look, take } = await merged()
    on.local.faults.failNext(GRAPHQL, { status: 502, afterEffect: true })
    await expect(take()).rejects.toMatchObject({ failure: { cause: 'api' } })
    expect(await look()).toMatchObject({ state: 'open' })
  })

  it('is refused where the code was changed again', async () => {
    const { take } = await merged({ 'again.txt': 'one\n' })
    await on.local.as('wes').push(API, 'main', { 'again.txt': 'two\n' }, 'Again')
    await expect(take()).rejects.toThrow('could not be reverted automatically')
  })
})
