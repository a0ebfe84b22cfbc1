import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadSha } from '../../src/contract/ids.ts'
import { branchHead, deleteBranch } from '../../src/github/branches.ts'
import { mergePull } from '../../src/github/merge-pull.ts'
import { closePull, createDraft, findPullByHead, getPull, markReady, updatePull } from '../../src/github/pull-requests.ts'
import { API, type Connected, connect, REPOSITORY } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect()
})
afterAll(() => on.stop())

let count = 0
/** A pushed work branch with a file of its own, or with these files. */
async function pushed(files?: Record<string, string>) {
  count += 1
  const branch = `switchyard/r${count}`
  const head = HeadSha.parse(await on.local.as('wes').push(API, branch, files ?? { [`file-${count}.txt`]: 'new' }, 'change'))
  return { branch, head }
}
const draft = (branch: string) =>
  createDraft(on.octokit, REPOSITORY, { branch, base: 'main', title: `Of ${branch}`, body: 'Body' })

/** An open pull request, out of draft. */
async function ready(files?: Record<string, string>) {
  const { branch, head } = await pushed(files)
  const { pull } = await draft(branch)
  await markReady(on.octokit, pull)
  return { branch, head, number: pull.number }
}
const merge = (number: number, sha: HeadSha) => mergePull(on.octokit, REPOSITORY, number, { sha, method: 'merge' })
const merges = () => on.local.inspect().writes()['PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'] ?? 0
const MERGE = { method: 'PUT', route: '/repos/{owner}/{repo}/pulls/{pull_number}/merge' }

describe('pull requests', () => {
  it('are opened as drafts and found by their branch', async () => {
    const { branch, head } = await pushed()
    expect(await findPullByHead(on.octokit, REPOSITORY, branch)).toBeNull()
    const opened = await draft(branch)
    expect(opened).toMatchObject({ head, headBranch: branch, base: 'main', author: on.app.botLogin, body: 'Body' })
    expect(opened.pull).toMatchObject({ state: 'open', draft: true, mergedAt: null, mergeSha: null })
    expect(await findPullByHead(on.octokit, REPOSITORY, branch)).toEqual(opened)
  })

  it.each([false, true])('are opened once, though the answer got lost (connection cut: %s)', async (hangUp) => {
    const { branch } = await pushed()
    const open = async () => (await findPullByHead(on.octokit, REPOSITORY, branch)) ?? (await draft(branch))
    on.local.faults.failNext(
      { method: 'POST', route: '/repos/{owner}/{repo}/pulls' },
      { status: 502, afterEffect: true, hangUp },
    )
    await expect(open()).rejects.toMatchObject({ failure: { cause: 'api' } })
    const found = await open()
    const ofBranch = on.local
      .inspect()
      .pulls(API)
      .filter(({ pull }) => pull.headRef === branch)
    expect(ofBranch.map(({ issue }) => issue.number)).toEqual([found.pull.number])
  })

  it('are the one that was opened in between, where two open at once', async () => {
    const { branch } = await pushed()
    const [one, other] = await Promise.all([draft(branch), draft(branch)])
    expect(one.pull.number).toBe(other.pull.number)
  })

  it('are opened as ordinary ones where a repository has no drafts', async () => {
    const { branch } = await pushed()
    on.local.faults.failNext({ method: 'POST', route: '/repos/{owner}/{repo}/pulls' }, { status: 422 })
    expect((await draft(branch)).pull).toMatchObject({ state: 'open', draft: false })
  })

  it('are refused where there is nothing between the branches', async () => {
    const main = await branchHead(on.octokit, REPOSITORY, 'main')
    await on.octokit.rest.git.createRef({ ...REPOSITORY, ref: 'refs/heads/switchyard/nothing', sha: main ?? '' })
    await expect(draft('switchyard/nothing')).rejects.toMatchObject({ status: 422, failure: { cause: 'api' } })
  })

  it('prefer the open one to an older one that was closed', async () => {
    const { branch } = await pushed()
    const first = await draft(branch)
    await closePull(on.octokit, REPOSITORY, first.pull.number)
    await closePull(on.octokit, REPOSITORY, first.pull.number)
    expect((await findPullByHead(on.octokit, REPOSITORY, branch))?.pull).toMatchObject({
      number: first.pull.number,
      state: 'closed',
    })
    const second = await draft(branch)
    expect((await findPullByHead(on.octokit, REPOSITORY, branch))?.pull.number).toBe(second.pull.number)
  })

  it('are read, edited and taken out of draft', async () => {
    const { branch, head } = await pushed()
    const { pull } = await draft(branch)
    await updatePull(on.octokit, REPOSITORY, pull.number, { title: 'Better', body: 'Linked' })
    await markReady(on.octokit, pull)
    const now = await settled(pull.number)
    expect(now).toMatchObject({ title: 'Better', body: 'Linked', head, mergeable: 'clean', pull: { draft: false } })
    expect(await getPull(on.octokit, REPOSITORY, 9_999)).toBeNull()
  })

  it('say dirty where git cannot merge them, and unknown until GitHub knows', async () => {
    const { number } = await ready({ 'README.md': 'theirs\n' })
    expect((await getPull(on.octokit, REPOSITORY, number))?.mergeable).toMatch(/unknown|clean/)
    await on.local.as('wes').push(API, 'main', { 'README.md': `ours ${number}\n` }, 'conflict')
    expect((await settled(number))?.mergeable).toBe('dirty')
  })
})

/** Asks until GitHub has worked out whether it can be merged. */
async function settled(number: number) {
  for (;;) {
    const pull = await getPull(on.octokit, REPOSITORY, number)
    if (pull?.mergeable !== 'unknown') return pull
    await on.local.idle()
  }
}

describe('merging', () => {
  it('merges at exactly the wanted head and says what GitHub confirmed', async () => {
    const { number, head } = await ready()
    const answer = await merge(number, head)
    expect(answer).toMatchObject({ status: 'merged', pull: { head, pull: { state: 'merged' } } })
    expect(answer.pull.pull.mergedAt).not.toBeNull()
    expect(answer.pull.pull.mergeSha).toBe(await branchHead(on.octokit, REPOSITORY, 'main'))
  })

  it('says merged again when asked a second time, without a second call', async () => {
    const { number, head } = await ready()
    await merge(number, head)
    const before = merges()
    expect(await merge(number, head)).toMatchObject({ status: 'merged' })
    expect(merges()).toBe(before)
  })

  it.each([false, true])('tells the truth after the answer to a merge got lost (connection cut: %s)', async (hangUp) => {
    const { number, head } = await ready()
    on.local.faults.failNext(MERGE, { status: 502, afterEffect: true, hangUp })
    // A PUT may be repeated: the client does so by itself, finds 405, and looks.
    expect(await merge(number, head)).toMatchObject({ status: 'merged', pull: { head } })
  })

  it('is refused where the head moved, before and while merging', async () => {
    const { number, head, branch } = await ready()
    const moved = await on.local.as('wes').push(API, branch, { 'more.txt': 'more' }, 'more')
    const before = merges()
    expect(await merge(number, head)).toMatchObject({ status: 'refused', why: 'head-moved', pull: { head: moved } })
    expect(merges()).toBe(before)
    on.local.faults.failNext(MERGE, { status: 409 })
    expect(await merge(number, HeadSha.parse(moved))).toMatchObject({ status: 'refused', why: 'head-moved' })
  })

  it('is refused where there is a conflict or a rule against it', async () => {
    const { number, head } = await ready({ 'README.md': 'theirs again\n' })
    await on.local.as('wes').push(API, 'main', { 'README.md': `ours again ${number}\n` }, 'conflict')
    expect(await merge(number, head)).toMatchObject({ status: 'refused', why: 'not-mergeable' })
    const guarded = await ready()
    on.local.inspect().protect(API, 'main', { requiredChecks: ['test'] })
    expect(await merge(guarded.number, guarded.head)).toMatchObject({ status: 'refused', why: 'not-mergeable' })
    on.local.inspect().protect(API, 'main', null)
    on.local.inspect().repository(API).mergeMethods.merge = false
    expect(await merge(guarded.number, guarded.head)).toMatchObject({ status: 'refused' })
    on.local.inspect().repository(API).mergeMethods.merge = true
    expect(await merge(guarded.number, guarded.head)).toMatchObject({ status: 'merged' })
  })

  it('is refused where a person closed it, or merged it at another head', async () => {
    const closed = await ready()
    on.local.as('wes').closePull(API, closed.number)
    expect(await merge(closed.number, closed.head)).toMatchObject({ status: 'refused', why: 'closed' })
    const other = await ready()
    await on.local.as('wes').push(API, other.branch, { 'extra.txt': 'extra' }, 'extra')
    await on.local.as('wes').mergePull(API, other.number)
    expect(await merge(other.number, other.head)).toMatchObject({ status: 'refused', why: 'closed' })
  })

  it('is an error and no refusal where the App has no right to', async () => {
    const { number, head } = await ready()
    on.local.faults.failNext(MERGE, { status: 403 })
    await expect(merge(number, head)).rejects.toMatchObject({ failure: { cause: 'permission' } })
  })
})

describe('branches', () => {
  it('are read, deleted, and gone the second time', async () => {
    const { branch, head } = await pushed()
    expect(await branchHead(on.octokit, REPOSITORY, branch)).toBe(head)
    await deleteBranch(on.octokit, REPOSITORY, branch)
    await deleteBranch(on.octokit, REPOSITORY, branch)
    expect(await branchHead(on.octokit, REPOSITORY, branch)).toBeNull()
  })

  it('are an error where they are still there after all', async () => {
    const { branch } = await pushed()
    on.local.faults.failNext({ method: 'DELETE', route: '/repos/{owner}/{repo}/git/refs/{ref}' }, { status: 422 })
    await expect(deleteBranch(on.octokit, REPOSITORY, branch)).rejects.toMatchObject({ status: 422 })
  })
})
