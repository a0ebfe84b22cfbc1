import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'

let fixture: Fixture

const SUM_TEST = `import test from 'node:test'
import assert from 'node:assert'
import { sum } from './sum.mjs'
test('adds two numbers', () => assert.equal(sum(1, 2), 3))
`

beforeAll(async () => {
  fixture = await startFixture({
    ci: true,
    repository: { files: { 'sum.mjs': 'export const sum = (a, b) => a + b\n', 'sum.test.mjs': SUM_TEST } },
  })
  await fixture.github.createRepository({
    owner: 'acme',
    name: 'front',
    collaborators: { ana: 'write' },
    files: { 'check.mjs': "import { sum } from '../shop/sum.mjs'\nif (sum(1, 2) !== 3) process.exit(1)\n" },
    ci: [
      { name: 'with shop', command: ['node', 'check.mjs'], needs: ['acme/shop'] },
      { name: 'slow', command: ['sleep', '60'], timeoutSeconds: 1 },
    ],
  })
})
afterAll(async () => {
  expect(fixture.github.inspect().violations()).toEqual([])
  await fixture.stop()
})

test('each push runs the real tests and reports a check run, with a log for whoever mends it', async () => {
  const { github, octokit, recorder } = fixture
  const ana = github.as('ana')
  const red = await ana.push('acme/shop', 'work', { 'sum.mjs': 'export const sum = (a, b) => a - b\n' }, 'Break')
  await github.idle()
  const { data } = await octokit.rest.checks.listForRef({ ...AT, ref: red, filter: 'latest' })
  expect(data.check_runs).toMatchObject([
    {
      name: 'test',
      status: 'completed',
      conclusion: 'failure',
      app: { slug: 'github-actions' },
      output: { title: 'test ended with failure' },
    },
  ])
  const log = await octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...AT, job_id: data.check_runs[0]?.id ?? 0 })
  expect(String(log.data)).toContain('adds two numbers')
  expect(String(log.data)).toContain(`Checked out acme/shop at ${red}`)

  const green = await ana.push('acme/shop', 'work', { 'sum.mjs': 'export const sum = (a, b) => b + a\n' }, 'Mend')
  await github.idle()
  expect(github.inspect().checks('acme/shop', green)).toMatchObject([{ conclusion: 'success' }])
  const checks = recorder.received.filter(({ event }) => event === 'check_run' || event === 'check_suite')
  expect(checks.map(({ event, action }) => `${event}.${action}`)).toEqual(
    expect.arrayContaining(['check_run.created', 'check_run.completed', 'check_suite.completed']),
  )
})

test('a consumer is tested with the branch of the same name of what it needs, again when asked', async () => {
  const { github } = fixture
  const ana = github.as('ana')
  const conclusion = (sha: string) =>
    github
      .inspect()
      .checks('acme/front', sha)
      .find((run) => run.name === 'with shop')?.conclusion
  await ana.push('acme/shop', 'both', { 'sum.mjs': 'export const add = (a, b) => a + b\n' }, 'Rename')
  const head = await ana.push('acme/front', 'both', { 'note.txt': 'x' }, 'Front')
  const apart = await ana.push('acme/front', 'apart', { 'note.txt': 'x' }, 'Front alone')
  await github.idle()
  expect([conclusion(head), conclusion(apart)]).toEqual(['failure', 'success'])
  expect(
    github
      .inspect()
      .checks('acme/front', head)
      .find((run) => run.name === 'slow')?.conclusion,
  ).toBe('timed_out')

  await ana.push('acme/shop', 'both', { 'sum.mjs': 'export const sum = (a, b) => a + b\n' }, 'Rename back')
  await github.idle()
  expect(conclusion(head)).toBe('failure')
  const run = github
    .inspect()
    .checks('acme/front', head)
    .find((one) => one.name === 'with shop')
  const check_run_id = run?.id ?? 0
  const asked = fixture.octokit.rest.checks.rerequestRun({ owner: 'acme', repo: 'front', check_run_id })
  await expect(asked).rejects.toMatchObject({ status: 403 })
  await fixture.octokit.rest.actions.reRunJobForWorkflowRun({ owner: 'acme', repo: 'front', job_id: check_run_id })
  await github.idle()
  expect(conclusion(head)).toBe('success')
  expect(
    github
      .inspect()
      .checks('acme/front', head, 'all')
      .filter((one) => one.name === 'with shop'),
  ).toHaveLength(2)
})

test('only the newest check of an App and name counts, and only its own App may change it', async () => {
  const { github, octokit } = fixture
  const head = await github.as('ana').push('acme/shop', 'latest', { x: 'x' }, 'X')
  for (const conclusion of ['failure', 'success'] as const) {
    await octokit.rest.checks.create({ ...AT, name: 'yard', head_sha: head, conclusion })
  }
  await github.idle()
  const list = async (filter: 'latest' | 'all') => (await octokit.rest.checks.listForRef({ ...AT, ref: head, filter })).data
  expect((await list('latest')).check_runs.filter(({ name }) => name === 'yard').map((run) => run.conclusion)).toEqual([
    'success',
  ])
  expect((await list('all')).total_count).toBe(3)
  const foreign =
    github
      .inspect()
      .checks('acme/shop', head)
      .find(({ name }) => name === 'test')?.id ?? 0
  const change = octokit.rest.checks.update({ ...AT, check_run_id: foreign, conclusion: 'success' })
  await expect(change).rejects.toMatchObject({ status: 403 })
})
