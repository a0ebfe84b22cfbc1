import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installationOn, listInstallations, repositoryByName } from '../../src/github/repositories.ts'
import { mintToken, revokeToken } from '../../src/github/tokens.ts'
import { API, type Connected, connect, REPOSITORY } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect()
  on.local.createOrganization('elsewhere')
  await on.local.createRepository({ owner: 'acme', name: 'shop', private: true, files: { 'a.txt': 'a' }, ci: [] })
  await on.local.createRepository({ owner: 'elsewhere', name: 'far', private: true, files: { 'a.txt': 'a' }, ci: [] })
})
afterAll(() => on.stop())

const idOf = (name: string) => on.local.inspect().repository(name).id

describe('the App itself', () => {
  it('knows who it is', async () => {
    const { appId, slug, botLogin, botId } = on.app
    expect(await on.github.identity()).toEqual({ appId, slug, botLogin, botId })
  })

  it('knows where it is installed, and with what permissions', async () => {
    const found = await installationOn(on.github.app, REPOSITORY)
    expect(found).toMatchObject({
      id: on.installationId,
      suspended: false,
      permissions: { contents: 'write', checks: 'write' },
    })
    expect(await installationOn(on.github.app, { owner: 'elsewhere', repo: 'far' })).toBeNull()
    expect((await listInstallations(on.github.app)).map((each) => each.id)).toEqual([on.installationId])
  })
})

describe('repositories', () => {
  it('are found by name, or not at all', async () => {
    const expected = { id: idOf(API), fullName: API, defaultBranch: 'main', private: true, fork: false }
    const byName = await repositoryByName(on.octokit, REPOSITORY)
    expect(byName).toMatchObject({ ...expected, cloneUrl: expect.stringContaining('/acme/api.git') })
    expect(await repositoryByName(on.octokit, { owner: 'elsewhere', repo: 'far' })).toBeNull()
  })
})

describe('tokens', () => {
  const mint = (contents: 'read' | 'write') =>
    mintToken(on.github.app, { installationId: on.installationId, repositoryId: idOf(API), contents })

  it('reach one repository, and only to do one thing', async () => {
    const { token, expiresAt } = await mint('read')
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(50 * 60_000)
    const reader = on.github.withToken(token)
    expect((await repositoryByName(reader, REPOSITORY))?.fullName).toBe(API)
    expect(await repositoryByName(reader, { owner: 'acme', repo: 'shop' })).toBeNull()
    const { data } = await reader.rest.git.getRef({ ...REPOSITORY, ref: 'heads/main' })
    const create = (octokit: typeof reader, name: string) =>
      octokit.rest.git.createRef({ ...REPOSITORY, ref: `refs/heads/${name}`, sha: data.object.sha })
    await expect(create(reader, 'no')).rejects.toMatchObject({ status: 403 })
    await expect(reader.rest.issues.create({ ...REPOSITORY, title: 'no' })).rejects.toMatchObject({ status: 403 })
    const writer = on.github.withToken((await mint('write')).token)
    await create(writer, 'yes')
    await expect(writer.rest.issues.create({ ...REPOSITORY, title: 'no' })).rejects.toMatchObject({ status: 403 })
  })

  it('are each a new one, end when revoked, and may be revoked twice', async () => {
    const [one, two] = [await mint('read'), await mint('read')]
    expect(one.token).not.toBe(two.token)
    await revokeToken(on.github.withToken, one.token)
    await revokeToken(on.github.withToken, one.token)
    await expect(repositoryByName(on.github.withToken(one.token), REPOSITORY)).rejects.toMatchObject({ status: 401 })
    expect(await repositoryByName(on.github.withToken(two.token), REPOSITORY)).not.toBeNull()
  })

  it('are refused for a repository where the App is not installed', async () => {
    const far = mintToken(on.github.app, {
      installationId: on.installationId,
      repositoryId: idOf('elsewhere/far'),
      contents: 'read',
    })
    await expect(far).rejects.toMatchObject({ status: 422 })
  })
})
