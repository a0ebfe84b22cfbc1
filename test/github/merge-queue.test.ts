import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'
import { readCommit } from './state/git.ts'

const SHOP = 'acme/shop'
/** What the repository's CI says yes to. */
const CI = [{ name: 'test', command: ['sh', '-c', 'test ! -e bad.txt || test ! -e worse.txt'] }]
let fixture: Fixture
let count = 0

beforeAll(async () => {
  fixture = await startFixture({ ci: true, repository: { ci: CI } })
  fixture.github.inspect().repository(SHOP).allowAutoMerge = true
})
afterAll(async () => {
  expect(fixture.github.inspect().violations()).toEqual([])
  await fixture.stop()
})

async function branch(): Promise<string> {
  const base = `base-${++count}`
  await fixture.github.as('ana').push(SHOP, base, { [`${base}.txt`]: 'base\n' }, base)
  return base
}

async function open(base: string, files: Record<string, string> = { [`work-${count}.txt`]: 'new\n' }) {
  const name = `work-${++count}`
  const head = await fixture.github.as('ana').push(SHOP, name, files, name)
  const { data } = await fixture.octokit.rest.pulls.create({ ...AT, title: name, head: name, base })
  return { name, head, number: data.number, id: data.node_id }
}

const seen = () => fixture.github.inspect()
const mutate = (name: string, fields: string, input: Record<string, unknown>) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
  return fixture.octokit.graphql(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input })
}
const enable = (pullRequestId: string, expectedHeadOid: string) =>
  mutate('enablePullRequestAutoMerge', 'pullRequest { autoMergeRequest { mergeMethod } }', {
    pullRequestId,
    expectedHeadOid,
    mergeMethod: 'SQUASH',
  })
const enqueue = (pullRequestId: string, expectedHeadOid: string) =>
  mutate('enqueuePullRequest', 'mergeQueueEntry { position state }', { pullRequestId, expectedHeadOid })
/** What was sent of a pull request, in the order of its happening. */
const told = (number: number) =>
  seen()
    .deliveries()
    .filter(({ event }) => event === 'pull_request')
    .map(({ payload }) => JSON.parse(payload) as { action: string; number: number; reason?: string })
    .filter((payload) => payload.number === number)
    .map(({ action, reason }) => (reason === undefined ? action : `${action} ${reason}`))

test('auto-merge merges when the rules are met, in the name of whoever switched it on', async () => {
  const base = await branch()
  seen().protect(SHOP, base, { requiredApprovals: 1 })
  const { id, head, number } = await open(base)
  await expect(enable(id, '0'.repeat(40))).rejects.toMatchObject({ errors: [{ type: 'UNPROCESSABLE' }] })
  expect(await enable(id, head)).toMatchObject({
    enablePullRequestAutoMerge: { pullRequest: { autoMergeRequest: { mergeMethod: 'SQUASH' } } },
  })
  await fixture.github.idle()
  expect(seen().pull(SHOP, number).pull.merged).toBeNull()
  await fixture.github.as('ana').review(SHOP, number, { event: 'APPROVE' })
  await fixture.github.idle()
  expect(seen().pull(SHOP, number).pull.merged?.by.login).toBe('yard-test[bot]')
  expect(told(number)).toEqual(['opened', 'auto_merge_enabled', 'closed'])
})

test('auto-merge is refused where nothing is missing, where the base has no rules, and where it is not allowed', async () => {
  const base = await branch()
  const { id, head } = await open(base)
  await expect(enable(id, head)).rejects.toThrow('Protected branch rules not configured')
  seen().protect(SHOP, base, { requiredChecks: [] })
  await fixture.github.idle()
  await expect(enable(id, head)).rejects.toThrow('Pull request is in clean status')
  seen().repository(SHOP).allowAutoMerge = false
  await expect(enable(id, head)).rejects.toThrow('Auto merge is not allowed')
  seen().repository(SHOP).allowAutoMerge = true
})

test('a merge queue merges what passes CI together with the base, and puts out what does not', async () => {
  const base = await branch()
  seen().protect(SHOP, base, { requiredChecks: ['test'] })
  seen().queueMerges(SHOP, base, 'squash')
  const bad = await open(base, { 'bad.txt': 'bad' })
  const worse = await open(base, { 'worse.txt': 'worse' })
  await fixture.github.idle()
  seen().protect(SHOP, base, { requiredChecks: ['test', 'other'] })
  await expect(enqueue(bad.id, bad.head)).rejects.toThrow('Required status check "other" is expected.')
  seen().protect(SHOP, base, { requiredChecks: ['test'] })
  const direct = fixture.octokit.rest.pulls.merge({ ...AT, pull_number: bad.number, sha: bad.head })
  await expect(direct).rejects.toMatchObject({ status: 405, message: expect.stringContaining('through the merge queue') })

  expect(await enqueue(bad.id, bad.head)).toEqual({
    enqueuePullRequest: { mergeQueueEntry: { position: 1, state: 'QUEUED' } },
  })
  await expect(enqueue(bad.id, bad.head)).rejects.toThrow('already in the merge queue')
  await enqueue(worse.id, worse.head)
  await fixture.github.idle()
  const { merged } = seen().pull(SHOP, bad.number).pull
  expect(merged?.by.login).toBe('github-merge-queue[bot]')
  expect((await seen().branches(SHOP))[base]).toBe(merged?.sha)
  expect((await readCommit(seen().repository(SHOP).dir, merged?.sha ?? '')).parents).toHaveLength(1)
  expect(seen().pull(SHOP, worse.number).pull.merged).toBeNull()
  expect(seen().queued(SHOP, base)).toEqual([])
  expect(told(bad.number)).toEqual(['opened', 'enqueued', 'closed', 'dequeued MERGE'])
  expect(told(worse.number)).toEqual(['opened', 'enqueued', 'dequeued CI_FAILURE'])
  expect(Object.keys(await seen().branches(SHOP)).filter((name) => name.startsWith('gh-readonly-queue'))).toEqual([])
})

test('a push, a close and a conflict put a pull request out of the queue', async () => {
  const base = await branch()
  seen().protect(SHOP, base, { requiredApprovals: 1, requiredChecks: ['other'] })
  seen().queueMerges(SHOP, base, 'merge')
  const approved = async (files?: Record<string, string>) => {
    const pull = await open(base, files)
    await fixture.github.as('ana').review(SHOP, pull.number, { event: 'APPROVE' })
    await fixture.octokit.rest.repos.createCommitStatus({ ...AT, sha: pull.head, context: 'other', state: 'success' })
    return pull
  }
  const pushed = await approved()
  const closed = await approved()
  const one = await approved({ 'both.txt': 'one\n' })
  const other = await approved({ 'both.txt': 'other\n' })
  for (const { id, head } of [pushed, closed, one, other]) await enqueue(id, head)
  expect(seen().queued(SHOP, base)).toHaveLength(4)
  await fixture.github.as('ana').push(SHOP, pushed.name, { 'more.txt': 'more' }, 'More')
  fixture.github.as('ana').closePull(SHOP, closed.number)
  await fixture.github.idle()
  expect(seen().queued(SHOP, base)).toEqual([one.number, other.number])
  const group = Object.entries(await seen().branches(SHOP)).find(([name]) => name.includes(`pr-${one.number}-`))?.[1] ?? ''
  await fixture.octokit.rest.repos.createCommitStatus({ ...AT, sha: group, context: 'other', state: 'success' })
  await fixture.github.idle()
  expect(seen().pull(SHOP, one.number).pull.merged).not.toBeNull()
  expect(told(pushed.number)).toContain('dequeued UNKNOWN_REMOVAL_REASON')
  expect(told(closed.number).at(-1)).toBe('dequeued MANUAL')
  expect(told(other.number).at(-1)).toBe('dequeued MERGE_CONFLICT')
})

test.each(['merge', 'squash', 'rebase'] as const)(
  'a pull request that was merged by %s is taken back by another',
  async (method) => {
    const base = await branch()
    const { name, number, id } = await open(base, { 'kept.txt': 'one\n', 'README.md': '# Other\n' })
    await fixture.github.as('ana').push(SHOP, name, { 'kept.txt': 'two\n' }, 'Second')
    const revert = () =>
      mutate('revertPullRequest', 'revertPullRequest { number title body headRefName }', { pullRequestId: id })
    await expect(revert()).rejects.toMatchObject({ errors: [{ type: 'UNPROCESSABLE' }] })
    await fixture.github.as('ana').mergePull(SHOP, number, { method })
    await fixture.github.as('ana').push(SHOP, base, { 'later.txt': 'later\n' }, 'Later')
    const answer = (await revert()) as { revertPullRequest: { revertPullRequest: { number: number } } }
    expect(answer.revertPullRequest.revertPullRequest).toMatchObject({
      title: `Revert "${name}"`,
      body: `Reverts ${SHOP}#${number}`,
      headRefName: `revert-${number}-${name}`,
    })
    const made = answer.revertPullRequest.revertPullRequest.number
    await fixture.github.as('ana').mergePull(SHOP, made)
    const { data } = await fixture.octokit.rest.repos.getContent({ ...AT, path: '', ref: base })
    const names = (data as { name: string }[]).map((entry) => entry.name)
    expect(names).toContain('later.txt')
    expect(names).not.toContain('kept.txt')
    await expect(revert()).rejects.toThrow('could not be reverted automatically')
  },
)
