import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'

const SHOP = 'acme/shop'
let fixture: Fixture
let count = 0

beforeAll(async () => {
  fixture = await startFixture()
  fixture.github.createUser('cy')
  fixture.github.inspect().repository(SHOP).collaborators.set('cy', 'write')
})
afterAll(async () => {
  expect(fixture.github.inspect().violations()).toEqual([])
  await fixture.stop()
})

/** A pull request of the App with a file of three lines, into a branch of its own. */
async function open() {
  const { github, octokit } = fixture
  const branch = `reviewed-${++count}`
  const base = `base-${count}`
  await github.as('ana').push(SHOP, base, { [`${base}.txt`]: 'base\n' }, base)
  await github.as('ana').push(SHOP, branch, { [`${branch}.txt`]: 'one\ntwo\nthree\n' }, branch)
  const { data } = await octokit.rest.pulls.create({ ...AT, title: branch, head: branch, base })
  return { branch, base, file: `${branch}.txt`, number: data.number }
}

async function ask(number: number, fields: string, more: Record<string, unknown> = {}) {
  const { repository } = await fixture.octokit.graphql<{ repository: { pullRequest: Record<string, never> } }>(
    `query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
      repository(owner: $owner, name: $repo) { pullRequest(number: $number) { ${fields} } }
    }`,
    { ...AT, number, ...more },
  )
  return repository.pullRequest as Record<string, unknown>
}

async function state(pull_number: number) {
  await fixture.octokit.rest.pulls.get({ ...AT, pull_number })
  await fixture.github.idle()
  return (await fixture.octokit.rest.pulls.get({ ...AT, pull_number })).data.mergeable_state
}

test('required approvals block until somebody with write access approved, and again after a push where it says so', async () => {
  const { github, octokit } = fixture
  const { number, base, branch, file } = await open()
  github.inspect().protect(SHOP, base, { requiredApprovals: 1, dismissStale: true })
  const decision = async () => (await ask(number, 'reviewDecision')).reviewDecision
  expect([await state(number), await decision()]).toEqual(['blocked', 'REVIEW_REQUIRED'])
  await github.as('eve').review(SHOP, number, { event: 'APPROVE' })
  expect([await state(number), await decision()]).toEqual(['blocked', 'REVIEW_REQUIRED'])
  const { id } = await github.as('cy').review(SHOP, number, { event: 'REQUEST_CHANGES', body: 'no' })
  expect([await state(number), await decision()]).toEqual(['blocked', 'CHANGES_REQUESTED'])
  await octokit.rest.pulls.dismissReview({ ...AT, pull_number: number, review_id: id, message: 'settled' })
  await github.as('ana').review(SHOP, number, { event: 'APPROVE' })
  expect([await state(number), await decision()]).toEqual(['clean', 'APPROVED'])
  await github.as('ana').push(SHOP, branch, { [file]: 'one\nsecond\nthree\n' }, 'More')
  expect([await state(number), await decision()]).toEqual(['blocked', 'REVIEW_REQUIRED'])
  await expect(octokit.rest.pulls.merge({ ...AT, pull_number: number })).rejects.toMatchObject({ status: 405 })
  github.inspect().protect(SHOP, base, null)
  expect(await decision()).toBeNull()
})

test('where each reviewer stands is the newest of each that is more than a comment', async () => {
  const { github } = fixture
  const { number } = await open()
  await github.as('ana').review(SHOP, number, { event: 'REQUEST_CHANGES', body: 'first' })
  await github.as('ana').review(SHOP, number, { event: 'APPROVE' })
  await github.as('ana').review(SHOP, number, { event: 'COMMENT', body: 'by the way' })
  await github.as('cy').review(SHOP, number, { event: 'COMMENT', body: 'hm' })
  const seen = await ask(
    number,
    'headRefOid latestOpinionatedReviews(first: 9) { nodes { state author { login } commit { oid } } }',
  )
  const nodes = [{ state: 'APPROVED', author: { login: 'ana' }, commit: { oid: seen.headRefOid } }]
  expect(seen.latestOpinionatedReviews).toEqual({ nodes })
  const own = fixture.octokit.rest.pulls.createReview({ ...AT, pull_number: number, event: 'APPROVE' })
  await expect(own).rejects.toMatchObject({ status: 422 })
})

test('conversations are answered, resolved, outdated by a push, and paged', async () => {
  const { github, octokit } = fixture
  const { number, branch, file } = await open()
  const remark = (line: number, body: string) => ({ path: file, line, body })
  await github.as('ana').review(SHOP, number, { event: 'COMMENT', comments: [remark(1, 'a'), remark(2, 'b'), remark(3, 'c')] })
  const fields = `reviewThreads(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { id isResolved isOutdated line comments(last: 1) { nodes { body author { __typename login } } } } }`
  type Page = {
    totalCount: number
    pageInfo: { hasNextPage: boolean; endCursor: string }
    nodes: { id: string; isOutdated: boolean; line: number | null }[]
  }
  const page = async (after: string | null = null) => (await ask(number, fields, { after })).reviewThreads as Page
  const first = await page()
  expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true }, nodes: [{ line: 1 }, { line: 2 }] })
  const second = await page(first.pageInfo.endCursor)
  expect(second).toMatchObject({ pageInfo: { hasNextPage: false }, nodes: [{ line: 3 }] })

  const id = second.nodes[0]?.id
  const reply = `mutation ($id: ID!) {
    addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $id, body: "done" }) { comment { body } }
  }`
  await octokit.graphql(reply, { id })
  await octokit.graphql('mutation ($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { id } } }', { id })
  await github.as('ana').push(SHOP, branch, { [file]: 'one\nthree\n' }, 'Two is gone')
  const [after, rest] = [await page(), await page(first.pageInfo.endCursor)]
  expect([...after.nodes, ...rest.nodes].map(({ isOutdated, line }) => [isOutdated, line])).toEqual([
    [false, 1],
    [true, null],
    [false, 3],
  ])
  const comments = { nodes: [{ body: 'done', author: { __typename: 'Bot', login: 'yard-test' } }] }
  expect(rest.nodes).toMatchObject([{ isResolved: true, comments }])
  await expect(ask(number, 'reviewThreads { totalCount }')).rejects.toThrow('You must provide a `first` or `last`')
  const nowhere = octokit.graphql(reply, { id: 'PRRT_1' })
  await expect(nowhere).rejects.toMatchObject({ errors: [{ type: 'NOT_FOUND' }] })
})

test('conversations that must be resolved block', async () => {
  const { github } = fixture
  const { number, base, file } = await open()
  github.inspect().protect(SHOP, base, { resolvedThreads: true })
  await github.as('ana').review(SHOP, number, { event: 'COMMENT', comments: [{ path: file, line: 1, body: 'a' }] })
  expect(await state(number)).toBe('blocked')
  github.as('ana').resolveThread(SHOP, github.inspect().pull(SHOP, number).pull.threads[0]?.id ?? 0)
  expect(await state(number)).toBe('clean')
})
