import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'
import { readCommit } from './state/git.ts'

let fixture: Fixture
let count = 0

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(async () => {
  expect(fixture.github.inspect().violations()).toEqual([])
  await fixture.stop()
})

/** A pull request on a branch of its own that changes one file. */
async function open(draft = false, base = 'main') {
  const branch = `work-${++count}`
  const head = await fixture.github.as('ana').push('acme/shop', branch, { [`${branch}.txt`]: 'new\n' }, `Add ${branch}`)
  const { data } = await fixture.octokit.rest.pulls.create({ ...AT, title: branch, head: branch, base, draft })
  return { branch, head, pull_number: data.number }
}

async function states(pull_number: number) {
  const ask = async () => (await fixture.octokit.rest.pulls.get({ ...AT, pull_number })).data
  const first = await ask()
  await fixture.github.idle()
  return [first, await ask()].map(({ mergeable, mergeable_state }) => ({ mergeable, mergeable_state }))
}

const UNKNOWN = { mergeable: null, mergeable_state: 'unknown' }

test('a pull request is found again instead of opened twice, even by two at once', async () => {
  const { branch } = await open()
  const again = { ...AT, title: 'again', head: branch, base: 'main' }
  const refused = await fixture.octokit.rest.pulls.create(again).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    status: 422,
    response: { data: { errors: [{ message: `A pull request already exists for acme:${branch}.` }] } },
  })
  const { data: found } = await fixture.octokit.rest.pulls.list({ ...AT, head: `acme:${branch}` })
  expect(found).toHaveLength(1)

  await fixture.github.as('ana').push('acme/shop', 'race', { 'race.txt': 'x' }, 'Race')
  const both = await Promise.allSettled([1, 2].map(() => fixture.octokit.rest.pulls.create({ ...again, head: 'race' })))
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])

  const none = fixture.octokit.rest.pulls.create({ ...AT, title: 'none', head: 'main', base: 'main' })
  await expect(none).rejects.toMatchObject({ status: 422 })
  await expect(fixture.octokit.rest.pulls.create({ ...again, head: 'nowhere' })).rejects.toMatchObject({ status: 422 })
})

test('mergeability is not known at first, then what git says, and forgotten when base moves', async () => {
  const { pull_number } = await open()
  expect(await states(pull_number)).toEqual([UNKNOWN, { mergeable: true, mergeable_state: 'clean' }])
  await fixture.github.as('ana').push('acme/shop', 'main', { 'README.md': '# Changed on main\n' }, 'Main')
  expect(await states(pull_number)).toEqual([UNKNOWN, { mergeable: true, mergeable_state: 'clean' }])

  const head = await fixture.github.as('ana').push('acme/shop', 'clash', { 'README.md': '# One\n' }, 'One')
  const { data } = await fixture.octokit.rest.pulls.create({ ...AT, title: 'clash', head: 'clash', base: 'main' })
  await fixture.github.as('ana').push('acme/shop', 'main', { 'README.md': '# Two\n' }, 'Two')
  expect((await states(data.number))[1]).toEqual({ mergeable: false, mergeable_state: 'dirty' })
  await expect(fixture.octokit.rest.pulls.merge({ ...AT, pull_number: data.number, sha: head })).rejects.toMatchObject({
    status: 405,
  })
})

test('a merge needs the right head and no draft, and closes what the body says it closes', async () => {
  const issue = fixture.github.as('ana').openIssue('acme/shop', { title: 'To be closed' })
  const { pull_number, head, branch } = await open(true)
  await fixture.github.createRepository({ owner: 'acme', name: 'other', files: { a: 'a' } })
  const other = fixture.github.as('ana').openIssue('acme/other', { title: 'Of another repository' })
  const body = `Closes #${issue.number}\n\nFixes acme/other#${other.number}`
  await fixture.octokit.rest.pulls.update({ ...AT, pull_number, body })
  const merge = (sha: string) => fixture.octokit.rest.pulls.merge({ ...AT, pull_number, sha })
  await expect(merge('0'.repeat(40))).rejects.toMatchObject({ status: 409 })
  await expect(merge(head)).rejects.toMatchObject({ status: 405 })
  fixture.github.as('ana').setDraft('acme/shop', pull_number, false)
  const { data } = await merge(head)
  await expect(merge(head)).rejects.toMatchObject({ status: 405 })

  const inspect = fixture.github.inspect()
  const repository = inspect.repository('acme/shop')
  const commit = await readCommit(repository.dir, data.sha)
  expect(commit.parents[1]).toBe(head)
  expect(commit.message).toContain(`Merge pull request #${pull_number} from acme/${branch}`)
  expect(commit.author.name).toBe('yard-test[bot]')
  expect((await inspect.branches('acme/shop')).main).toBe(data.sha)
  expect(inspect.issue('acme/shop', issue.number)).toMatchObject({ state: 'closed', stateReason: 'completed' })
  expect(inspect.issue('acme/other', other.number).state).toBe('closed')
})

test('of two merges at once into one base, none is lost', async () => {
  const one = await open()
  const two = await open()
  const merge = ({ pull_number, head }: typeof one) => fixture.octokit.rest.pulls.merge({ ...AT, pull_number, sha: head })
  const results = await Promise.allSettled([merge(one), merge(two), merge(one)])
  const merged = results.filter((result) => result.status === 'fulfilled').length
  expect(merged).toBeGreaterThan(0)
  for (const each of [one, two]) await merge(each).catch(() => undefined)
  const { data } = await fixture.octokit.rest.repos.getContent({ ...AT, path: '' })
  expect((data as { name: string }[]).map(({ name }) => name)).toEqual(
    expect.arrayContaining([`${one.branch}.txt`, `${two.branch}.txt`]),
  )
})

test.each(['squash', 'rebase'] as const)('%s really happens in git', async (merge_method) => {
  const { branch, pull_number } = await open()
  const head = await fixture.github.as('ana').push('acme/shop', branch, { [`${branch}.txt`]: 'second\n' }, 'Second')
  const { data } = await fixture.octokit.rest.pulls.merge({ ...AT, pull_number, sha: head, merge_method })
  const { dir } = fixture.github.inspect().repository('acme/shop')
  const commit = await readCommit(dir, data.sha)
  expect(commit.parents).toHaveLength(1)
  expect(commit.message.split('\n')[0]).toBe(merge_method === 'squash' ? `${branch} (#${pull_number})` : 'Second')
})

test('branch protection blocks until its checks passed on a branch that is up to date', async () => {
  const base = await fixture.github.as('ana').push('acme/shop', 'guarded', { 'g.txt': '1' }, 'Guarded')
  fixture.github.inspect().protect('acme/shop', 'guarded', { requiredChecks: ['test'], strict: true })
  const { pull_number, head } = await open(false, 'guarded')
  const merge = () => fixture.octokit.rest.pulls.merge({ ...AT, pull_number, sha: head })
  expect((await states(pull_number))[1]).toEqual({ mergeable: true, mergeable_state: 'blocked' })
  await expect(merge()).rejects.toMatchObject({ status: 405 })
  await fixture.octokit.rest.checks.create({ ...AT, name: 'test', head_sha: head, conclusion: 'success' })
  expect((await states(pull_number))[1]).toEqual({ mergeable: true, mergeable_state: 'behind' })
  await expect(merge()).rejects.toMatchObject({ status: 405 })
  expect(base).not.toBe(head)
  fixture.github.inspect().protect('acme/shop', 'guarded', { requiredChecks: ['test'] })
  await fixture.octokit.rest.repos.createCommitStatus({ ...AT, sha: head, state: 'failure', context: 'other' })
  expect((await states(pull_number))[1]).toEqual({ mergeable: true, mergeable_state: 'unstable' })
  expect((await merge()).data.merged).toBe(true)
})

test('a pull request follows its branch, and closes when that goes', async () => {
  const { branch, pull_number } = await open()
  const head = await fixture.github.as('ana').push('acme/shop', branch, { more: 'x' }, 'More')
  expect(fixture.github.inspect().pull('acme/shop', pull_number).pull.headSha).toBe(head)
  await fixture.octokit.rest.git.deleteRef({ ...AT, ref: `heads/${branch}` })
  expect(fixture.github.inspect().issue('acme/shop', pull_number).state).toBe('closed')
})
