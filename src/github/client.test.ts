import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createGitHub, type GitHub, READ_RETRIES } from './client.ts'
import { createComment, getComment, listComments } from './comments.ts'
import { GitHubError } from './errors.ts'
import { getIssue } from './issues.ts'
import type { Pacing } from './pacing.ts'
import { markReady } from './pull-requests.ts'
import { repositoryById } from './repositories.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const REPOSITORY = { owner: 'acme', repo: 'api' }
const NO_PACING: Pacing = { writeMs: 0, commentMs: 0 }

interface Seen {
  method: string
  path: string
  ifNoneMatch: string | undefined
}
interface Answer {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

const opened: { github: GitHub; server: Server }[] = []
afterEach(async () => {
  for (const { github, server } of opened.splice(0)) {
    await github.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A server that answers what it is told, and tokens by itself. */
async function connect(answer: (seen: Seen, count: number) => Answer, pacing = NO_PACING) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    request.resume()
    const path = request.url ?? ''
    if (path.endsWith('/access_tokens')) {
      const body = { token: 'ghs_test', expires_at: '2099-01-01T00:00:00Z', permissions: {} }
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    const ifNoneMatch = request.headers['if-none-match']
    const one = { method: request.method ?? '', path, ifNoneMatch }
    seen.push(one)
    const { status, headers = {}, body = { message: 'scripted' } } = answer(one, seen.length)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(status === 304 ? undefined : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`
  const log = pino({ level: 'silent' })
  const github = await createGitHub({ appId: 1, privateKey, apiUrl, pacing, webhookSecret: 'test', log, retryMs: 1 })
  opened.push({ github, server })
  return { github, seen }
}

const COMMENT = { id: 9, body: 'b', html_url: 'https://github.test/c', created_at: '2026-01-01T00:00:00Z', user: { id: 1 } }

describe('the GitHub client', () => {
  it('repeats reads after a server error', async () => {
    const { github, seen } = await connect((_seen, count) => (count <= 2 ? { status: 502 } : { status: 200, body: COMMENT }))
    const octokit = await github.installation(1)
    expect((await getComment(octokit, REPOSITORY, 9))?.id).toBe(9)
    expect(seen).toHaveLength(3)
  })

  it('gives up on a read after so many times', async () => {
    const { github, seen } = await connect(() => ({ status: 500 }))
    await expect(getIssue(await github.installation(1), REPOSITORY, 1)).rejects.toMatchObject({
      failure: { cause: 'api' },
      status: 500,
    })
    expect(seen).toHaveLength(READ_RETRIES + 1)
  })

  it('never repeats a creation: its answer may have got lost after it was done', async () => {
    const { github, seen } = await connect(() => ({ status: 502 }))
    await expect(createComment(await github.installation(1), REPOSITORY, 1, 'b')).rejects.toBeInstanceOf(GitHubError)
    expect(seen).toHaveLength(1)
  })

  it('throws a rate limit with its end instead of waiting in memory', async () => {
    const reset = Math.ceil(Date.now() / 1_000) + 3_000
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) }
    const { github, seen } = await connect(() => ({ status: 403, headers }))
    const asked = getIssue(await github.installation(1), REPOSITORY, 1)
    await expect(asked).rejects.toMatchObject({ failure: { cause: 'rate-limit' }, until: new Date(reset * 1_000) })
    expect(seen).toHaveLength(1)
  })

  it('throws a secondary limit with its end, for GraphQL too', async () => {
    const { github, seen } = await connect(() => ({ status: 403, headers: { 'retry-after': '60' } }))
    const [octokit, other] = await Promise.all([github.installation(1), github.installation(2)])
    await expect(createComment(octokit, REPOSITORY, 1, 'b')).rejects.toMatchObject({ failure: { cause: 'rate-limit' } })
    const ready = markReady(other, { nodeId: 'PR_1', url: 'https://github.test/pull/1' })
    await expect(ready).rejects.toMatchObject({ failure: { cause: 'rate-limit' } })
    expect(seen.map((each) => each.path)).toEqual(['/api/v3/repos/acme/api/issues/1/comments', '/api/graphql'])
  })

  it('[FAIL-4] asks nothing more of an installation that is limited, and everything of another one', async () => {
    const limited = { status: 403, headers: { 'retry-after': '60' } }
    const { github, seen } = await connect((_seen, count) => (count === 1 ? limited : { status: 201, body: COMMENT }))
    const [one, other] = await Promise.all([github.installation(1), github.installation(2)])
    const refused = { failure: { cause: 'rate-limit' } }
    await expect(createComment(one, REPOSITORY, 1, 'b')).rejects.toMatchObject(refused)
    const block = await github.blocked(1)
    expect(block?.until).toBeGreaterThan(Date.now() + 50_000)
    await expect(createComment(one, REPOSITORY, 1, 'b')).rejects.toMatchObject(refused)
    await expect(getIssue(one, REPOSITORY, 1)).rejects.toMatchObject(refused)
    expect(seen).toHaveLength(1)
    expect(await github.blocked(2)).toBeNull()
    await createComment(other, REPOSITORY, 1, 'b')
    expect(seen).toHaveLength(2)
    // What was not sent is no write.
    expect(github.writes.all().total).toBe(2)
  })

  it('[FAIL-4] goes by the headers: after the last request that was left it asks no more', async () => {
    const reset = Math.ceil(Date.now() / 1_000) + 300
    const headers = (resource: string) => ({
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': resource,
    })
    const { github, seen } = await connect((_seen, count) => ({
      status: 200,
      body: COMMENT,
      headers: headers(count === 1 ? 'search' : 'core'),
    }))
    const octokit = await github.installation(1)
    for (let times = 0; times < 2; times += 1) expect((await getComment(octokit, REPOSITORY, 9))?.id).toBe(9)
    await expect(getComment(octokit, REPOSITORY, 9)).rejects.toMatchObject({ until: expect.any(Date) })
    expect(seen).toHaveLength(2)
    expect(Math.abs(((await github.blocked(1))?.until ?? 0) - reset * 1_000)).toBeLessThan(2_000)
  })

  it("[FAIL-4] hears GraphQL's no, which comes with status 200", async () => {
    const body = { data: null, errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] }
    const { github, seen } = await connect(() => ({ status: 200, body }))
    const octokit = await github.installation(1)
    const ready = () => markReady(octokit, { nodeId: 'PR_1', url: 'https://github.test/pull/1' })
    await expect(ready()).rejects.toMatchObject({ failure: { cause: 'rate-limit' } })
    await expect(ready()).rejects.toMatchObject({ failure: { cause: 'rate-limit' } })
    expect(seen).toHaveLength(1)
  })

  it('[FAIL-4] does not send a write that waited for its turn while another one was limited', async () => {
    const { github, seen } = await connect(() => ({ status: 403, headers: { 'retry-after': '60' } }), {
      writeMs: 150,
      commentMs: 150,
    })
    const octokit = await github.installation(1)
    const answers = await Promise.allSettled([1, 2, 3].map((issue) => createComment(octokit, REPOSITORY, issue, 'b')))
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(seen).toHaveLength(1)
  })

  it('paces the writes of one installation and not those of two together', async () => {
    const { github, seen } = await connect(() => ({ status: 201, body: COMMENT }), { writeMs: 0, commentMs: 600_000 })
    const [one, other] = await Promise.all([github.installation(1), github.installation(2)])
    const paced = [1, 2].map((issue) => createComment(one, REPOSITORY, issue, 'b'))
    await createComment(other, REPOSITORY, 3, 'b')
    await Promise.race(paced)
    // What is no comment waits for none, and by its answer the second comment would have come.
    await getComment(one, REPOSITORY, 9)
    const comments = seen.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/').at(-2))
    expect(comments.toSorted()).toEqual([expect.stringMatching(/^[12]$/), '3'])
  })

  it('does not pace where pacing is turned off', async () => {
    const { github } = await connect(() => ({ status: 201, body: COMMENT }))
    const octokit = await github.installation(1)
    // Paced, they would take 57 s, and no test may.
    await Promise.all(Array.from({ length: 20 }, (_, issue) => createComment(octokit, REPOSITORY, issue + 1, 'b')))
  })

  it('counts writes, failed ones too, and no reads and no tokens', async () => {
    const { github } = await connect(({ method }) => (method === 'GET' ? { status: 200, body: COMMENT } : { status: 500 }))
    const octokit = await github.installation(1)
    const { writes } = await github.writes.during(async () => {
      await getComment(octokit, REPOSITORY, 9)
      await createComment(octokit, REPOSITORY, 1, 'b').catch(() => {})
    })
    expect([...writes.byRoute]).toEqual([['POST /repos/{owner}/{repo}/issues/{issue_number}/comments', 1]])
    expect(github.writes.all().total).toBe(1)
  })

  it('asks again only whether something changed, and gives each reader its own copy', async () => {
    const page = [COMMENT, { ...COMMENT, id: 10 }]
    const { github, seen } = await connect(({ ifNoneMatch }, count) => {
      const etag = count < 3 ? '"one"' : '"two"'
      return ifNoneMatch === etag
        ? { status: 304, headers: { etag } }
        : { status: 200, headers: { etag }, body: page.slice(count < 3 ? 0 : 1) }
    })
    const octokit = await github.installation(1)
    const read = async () => (await listComments(octokit, REPOSITORY, 1)).map((each) => each.id)
    expect([await read(), await read(), await read(), await read()]).toEqual([[9, 10], [9, 10], [10], [10]])
    expect(seen.map((each) => each.ifNoneMatch)).toEqual([undefined, '"one"', '"one"', '"two"'])
    await listComments(await github.installation(2), REPOSITORY, 1)
    expect(seen.at(-1)?.ifNoneMatch).toBeUndefined()
  })

  it('knows who the App is, asked of GitHub once, and again only after an error', async () => {
    const answers: Record<string, unknown> = {
      '/api/v3/app': { id: 4711, slug: 'switchyard' },
      '/api/v3/app/installations?per_page=1': [{ id: 5 }],
      '/api/v3/users/switchyard%5Bbot%5D': { id: 99, login: 'switchyard[bot]', type: 'Bot' },
    }
    const { github, seen } = await connect(({ path }, count) =>
      count === 1 ? { status: 403 } : { status: 200, body: answers[path] },
    )
    await expect(github.identity()).rejects.toMatchObject({ failure: { cause: 'permission' } })
    const expected = { appId: 4711, slug: 'switchyard', botLogin: 'switchyard[bot]', botId: 99 }
    expect(await Promise.all([github.identity(), github.identity()])).toEqual([expected, expected])
    expect(seen.map((each) => each.path)).toEqual(['/api/v3/app', ...Object.keys(answers)])
  })

  it('reads a repository by its id', async () => {
    const body = { id: 7, full_name: 'acme/renamed', default_branch: 'main', clone_url: 'https://x.test/a.git', private: true }
    const { github } = await connect(({ path }) =>
      path === '/api/v3/repositories/7' ? { status: 200, body } : { status: 404 },
    )
    const octokit = await github.installation(1)
    expect(await repositoryById(octokit, 7)).toMatchObject({ id: 7, fullName: 'acme/renamed', archived: false })
    expect(await repositoryById(octokit, 8)).toBeNull()
  })

  it('[ING-1] does not start without a webhook secret', async () => {
    const options = { appId: 1, privateKey, apiUrl: 'http://127.0.0.1:1', pacing: NO_PACING, log: pino({ level: 'silent' }) }
    await expect(createGitHub({ ...options, webhookSecret: '' })).rejects.toMatchObject({ failure: { cause: 'config' } })
  })
})
