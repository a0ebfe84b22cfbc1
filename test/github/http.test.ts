import { App, Octokit } from 'octokit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
})
beforeEach(() => fixture.github.faults.clear())
afterAll(() => fixture.stop())

const ISSUES = '/repos/{owner}/{repo}/issues'

test('a GET that nothing changed is answered 304 and costs nothing of the limit', async () => {
  const first = await fixture.octokit.rest.repos.get(AT)
  const asked = { ...AT, headers: { 'if-none-match': first.headers.etag } }
  const again = await fixture.octokit.rest.repos.get(asked).catch((error: unknown) => error)
  expect(again).toMatchObject({ status: 304 })
  const third = await fixture.octokit.rest.repos.get(AT)
  expect(Number(third.headers['x-ratelimit-used']) - Number(first.headers['x-ratelimit-used'])).toBe(1)
  fixture.github.as('ana').openIssue('acme/shop', { title: 'Changes the count of open issues' })
  expect((await fixture.octokit.rest.repos.get(asked)).status).toBe(200)
})

test('lists come in pages that octokit follows', async () => {
  for (let index = 0; index < 7; index++) fixture.github.as('ana').openIssue('acme/shop', { title: `Paged ${index}` })
  const first = await fixture.octokit.rest.issues.listForRepo({ ...AT, per_page: 3 })
  expect(first.headers.link).toContain(`<${fixture.github.apiUrl}/repos/acme/shop/issues?per_page=3&page=2>; rel="next"`)
  const all = await fixture.octokit.paginate(fixture.octokit.rest.issues.listForRepo, { ...AT, per_page: 3 })
  expect(all.filter((issue) => issue.title.startsWith('Paged'))).toHaveLength(7)
})

test('errors have the shape of GitHub', async () => {
  const missing = await fixture.octokit.rest.issues.get({ ...AT, issue_number: 999 }).catch((error: unknown) => error)
  expect(missing).toMatchObject({ status: 404, response: { data: { message: 'Not Found', status: '404' } } })
  const invalid = await fixture.octokit.rest.issues
    .createLabel({ ...AT, name: 'long', description: 'x'.repeat(101) })
    .catch((error: unknown) => error)
  expect(invalid).toMatchObject({ status: 422, response: { data: { errors: [{ resource: 'Label', field: 'description' }] } } })
  const token = await fixture.token()
  const broken = await fetch(`${fixture.github.apiUrl}/repos/acme/shop/issues`, {
    method: 'POST',
    headers: { authorization: `token ${token}` },
    body: '{"title":',
  })
  expect([broken.status, ((await broken.json()) as { message: string }).message]).toEqual([400, 'Problems parsing JSON'])
})

test('octokit with its own plugins takes a secondary rate limit, a used-up one and a failing server for what they are', async () => {
  const seen: string[] = []
  const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined }
  const app = new App({
    appId: fixture.app.appId,
    privateKey: fixture.app.privateKey,
    Octokit: Octokit.defaults({
      baseUrl: fixture.github.apiUrl,
      log: quiet,
      throttle: {
        retryAfterBaseValue: 5,
        onSecondaryRateLimit: (after: number) => {
          seen.push(`secondary ${after}`)
          return true
        },
        onRateLimit: () => {
          seen.push('primary')
          return true
        },
      },
      retry: { retryAfterBaseValue: 5 },
    }),
  })
  const octokit = await app.getInstallationOctokit(fixture.installationId)
  const { faults } = fixture.github
  faults.secondaryRateLimit({ matcher: { method: 'GET', route: ISSUES }, retryAfter: 2 })
  expect((await octokit.rest.issues.listForRepo(AT)).status).toBe(200)
  faults.primaryRateLimit({ matcher: { route: ISSUES } })
  expect((await octokit.rest.issues.listForRepo(AT)).status).toBe(200)
  faults.failNext({ route: ISSUES }, { status: 502, times: 2 })
  expect((await octokit.rest.issues.listForRepo(AT)).status).toBe(200)
  expect(seen).toEqual(['secondary 2', 'primary'])
})

test('an answer can be lost after its work was done, be slow, or be cut off', async () => {
  const { faults } = fixture.github
  const { issues } = fixture.octokit.rest
  const titles = () =>
    fixture.github
      .inspect()
      .issues('acme/shop')
      .map((issue) => issue.title)
  faults.failNext({ method: 'POST', route: ISSUES }, { status: 502, afterEffect: true })
  await expect(issues.create({ ...AT, title: 'lost answer' })).rejects.toMatchObject({ status: 502 })
  expect(titles()).toContain('lost answer')
  faults.failNext({ method: 'POST', route: ISSUES }, { status: 502, hangUp: true, after: 1 })
  await issues.create({ ...AT, title: 'passes' })
  await expect(issues.create({ ...AT, title: 'cut off' })).rejects.toThrow()
  expect(titles()).not.toContain('cut off')
  faults.slow({ route: /^\/repos\/acme\/shop$/ }, 60)
  const started = performance.now()
  await fixture.octokit.rest.repos.get(AT)
  expect(performance.now() - started).toBeGreaterThan(55)
})

test('every request is noted with who asked, and writes are counted by operation', async () => {
  const before = fixture.github.inspect().writeCount()
  await fixture.octokit.rest.issues.create({ ...AT, title: 'counted' })
  await fixture.octokit.rest.repos.get(AT)
  expect(fixture.github.inspect().writeCount()).toBe(before + 1)
  expect(fixture.github.inspect().writes()).toHaveProperty(['POST /repos/{owner}/{repo}/issues'])
  expect(fixture.github.inspect().requests().at(-1)).toMatchObject({
    method: 'GET',
    path: '/repos/acme/shop',
    route: '/repos/{owner}/{repo}',
    status: 200,
    app: 'yard-test',
    installation: fixture.installationId,
    write: false,
  })
})

test('the pages behind links can be read', async () => {
  const issue = fixture.github.as('ana').openIssue('acme/shop', { title: 'With <markup>', body: 'text' })
  const page = await fetch(`${fixture.github.url}/acme/shop/issues/${issue.number}`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('With &#60;markup&#62;')
  expect((await fetch(`${fixture.github.url}/acme/none`)).status).toBe(404)
})

test('an operation that is not served is missing for the caller and found out by the test', async () => {
  await expect(fixture.octokit.request('GET /repos/{owner}/{repo}/milestones', AT)).rejects.toMatchObject({ status: 404 })
  expect(fixture.github.inspect().violations().at(-1)?.what).toBe(
    'GET /repos/acme/shop/milestones is not served by the local GitHub',
  )
  expect(() => fixture.github.faults.failNext({ route: '/repos/{owner}/{repo}/issue' }, { status: 500 })).toThrow(
    'no operation',
  )
})
