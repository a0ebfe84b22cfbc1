import { createSign, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from './fixture.ts'

let fixture: Fixture
let now = Date.now()

beforeAll(async () => {
  fixture = await startFixture({ now: () => new Date(now), permissions: { contents: 'read', issues: 'write' } })
  await fixture.github.createRepository({ owner: 'acme', name: 'vault', private: true, files: { a: 'a' } })
  await fixture.github.createRepository({ owner: 'ana', name: 'elsewhere', private: true, files: { a: 'a' } })
  await fixture.github.createRepository({ owner: 'ana', name: 'open', files: { a: 'a' } })
})

afterAll(() => fixture.stop())

async function api(path: string, token: string, init: RequestInit = {}) {
  const response = await fetch(`${fixture.github.apiUrl}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

function jwt(claims: Record<string, unknown>, key = fixture.app.privateKey): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
}

async function token(body: Record<string, unknown> = {}): Promise<{ status: number; token: string }> {
  const seconds = Math.floor(now / 1_000)
  const { status, body: answer } = await api(
    `/app/installations/${fixture.installationId}/access_tokens`,
    jwt({ iss: fixture.app.appId, iat: seconds - 30, exp: seconds + 300 }),
    { method: 'POST', body: JSON.stringify(body) },
  )
  return { status, token: answer.token }
}

test('an App proves itself with a fresh JWT signed by its own key', async () => {
  const seconds = Math.floor(now / 1_000)
  const good = { iss: fixture.app.appId, iat: seconds - 30, exp: seconds + 300 }
  expect((await api('/app', jwt(good))).body.slug).toBe('yard-test')
  expect((await api('/app', jwt({ ...good, iss: fixture.app.clientId }))).status).toBe(200)
  const refused = async (value: string) => (await api('/app', value)).body.message
  expect(await refused(jwt({ ...good, exp: seconds - 1 }))).toContain("'exp'")
  expect(await refused(jwt({ ...good, exp: seconds + 3_600 }))).toContain('too far in the future')
  expect(await refused(jwt({ ...good, iat: seconds + 600 }))).toContain("'iat'")
  const other = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  expect(await refused(jwt(good, other.privateKey))).toContain('could not be decoded')
  expect(await refused('ghs_nothing')).toBe('Bad credentials')
  expect((await fetch(`${fixture.github.apiUrl}/app`)).status).toBe(401)
})

test('a token may be for fewer repositories and permissions, never for more', async () => {
  const narrow = await token({ repositories: ['shop'], permissions: { contents: 'read' } })
  expect(narrow.token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(narrow.token.length).toBe(520)
  expect((await api('/repos/acme/shop/contents/README.md', narrow.token)).status).toBe(200)
  expect((await api('/repos/acme/vault/contents/a', narrow.token)).status).toBe(404)
  expect((await token({ permissions: { contents: 'write' } })).status).toBe(422)
  expect((await token({ permissions: { checks: 'read' } })).status).toBe(422)
  expect((await token({ repositories: ['elsewhere'] })).status).toBe(422)
  const { body } = await api('/installation/repositories', narrow.token)
  expect(body.repositories.map((one: { full_name: string }) => one.full_name)).toEqual(['acme/shop'])
})

test('what a token does not reach is missing, what it may not do is refused and says what it would need', async () => {
  const { token: value } = await token()
  expect((await api('/repos/ana/elsewhere', value)).status).toBe(404)
  expect((await api('/repos/ana/open', value)).status).toBe(200)
  const write = { method: 'POST', body: JSON.stringify({ title: 'x' }) }
  expect((await api('/repos/ana/open/issues', value, write)).status).toBe(403)
  const refused = await api('/repos/acme/shop/pulls', value)
  expect(refused.status).toBe(403)
  expect(refused.body.message).toBe('Resource not accessible by integration')
  expect(refused.headers.get('x-accepted-github-permissions')).toBe('pull_requests=read')
  const narrow = await token({ permissions: { issues: 'read' } })
  expect((await api('/repos/acme/shop/issues', narrow.token, write)).status).toBe(403)
  expect((await api('/repos/acme/shop/issues', value, write)).status).toBe(201)
})

test('a token ends after an hour, when it is revoked, and with its installation', async () => {
  const first = await token()
  now += 59 * 60_000
  expect((await api('/repos/acme/shop', first.token)).status).toBe(200)
  now += 2 * 60_000
  expect((await api('/repos/acme/shop', first.token)).body.message).toBe('Bad credentials')
  const second = await token()
  expect((await api('/installation/token', second.token, { method: 'DELETE' })).status).toBe(204)
  expect((await api('/repos/acme/shop', second.token)).status).toBe(401)
  const third = await token()
  fixture.github.suspend(fixture.installationId)
  expect((await api('/repos/acme/shop', third.token)).status).toBe(403)
  expect((await token()).status).toBe(403)
  fixture.github.suspend(fixture.installationId, false)
  expect((await api('/repos/acme/shop', third.token)).status).toBe(200)
  fixture.github.uninstall(fixture.installationId)
  expect((await api('/repos/acme/shop', third.token)).status).toBe(401)
  expect((await token()).status).toBe(404)
})

test('a repository tells which installation covers it', async () => {
  const seconds = Math.floor(now / 1_000)
  const asApp = jwt({ iss: fixture.app.appId, iat: seconds - 30, exp: seconds + 300 })
  const { installationId } = fixture.github.install(fixture.app.appId, { account: 'acme', repositories: ['shop'] })
  expect((await api(`/repos/${AT.owner}/${AT.repo}/installation`, asApp)).body.id).toBe(installationId)
  expect((await api('/repos/acme/vault/installation', asApp)).status).toBe(404)
})
