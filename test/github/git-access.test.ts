import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from './fixture.ts'

let fixture: Fixture
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'git-access-'))
  fixture = await startFixture()
})
afterAll(async () => {
  await fixture.stop()
  await rm(dir, { recursive: true })
})

async function token(permissions: Record<string, 'read' | 'write'>, repositories = ['shop']) {
  const { data } = await fixture.asApp.rest.apps.createInstallationAccessToken({
    installation_id: fixture.installationId,
    repositories,
    permissions,
  })
  return data.token
}

/** Git as a client with this token; what it printed, and whether it went well. */
function gitWith(value: string, cwd = dir) {
  const credentials = Buffer.from(`x-access-token:${value}`).toString('base64')
  return (...args: string[]) =>
    execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd,
      all: true,
      reject: false,
      env: {
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `http.${fixture.github.url}/.extraheader`,
        GIT_CONFIG_VALUE_0: `Authorization: Basic ${credentials}`,
      },
    })
}

async function commit(work: string, branch: string, path: string) {
  const git = gitWith('none', work)
  await git('checkout', '-b', branch)
  await mkdir(dirname(join(work, path)), { recursive: true })
  await writeFile(join(work, path), 'x\n')
  await git('add', '.')
  await git('commit', '-m', path)
}

test('fetching needs a token that may read contents, pushing one that may write them', async () => {
  const address = `${fixture.github.url}/acme/shop.git`
  const reader = await token({ contents: 'read' })
  expect((await gitWith('ghs_wrong')('clone', address, 'wrong')).exitCode).not.toBe(0)
  expect((await gitWith(await token({ issues: 'read' }))('clone', address, 'none')).exitCode).not.toBe(0)
  expect((await gitWith(reader)('clone', address, 'work')).exitCode).toBe(0)

  const work = join(dir, 'work')
  await commit(work, 'one', 'one.txt')
  const refused = await gitWith(reader, work)('push', 'origin', 'one')
  expect(refused.exitCode).not.toBe(0)
  expect(refused.all).toContain('403')
  const writer = await token({ contents: 'write' })
  const head = (await gitWith(writer, work)('rev-parse', 'HEAD')).stdout
  expect((await gitWith(writer, work)('push', 'origin', 'one')).exitCode).toBe(0)
  await fixture.github.idle()
  expect((await fixture.github.inspect().branches('acme/shop')).one).toBe(head)
  const push = fixture.recorder.received.find(({ event, payload }) => event === 'push' && payload.ref === 'refs/heads/one')
  expect(push?.payload).toMatchObject({ after: head, created: true, sender: { login: fixture.app.botLogin } })
  expect(fixture.github.inspect().violations()).toEqual([])

  // A second push that is not a fast forward, then with a lease that holds.
  await gitWith(writer, work)('commit', '--amend', '-m', 'again')
  expect((await gitWith(writer, work)('push', 'origin', 'one')).exitCode).not.toBe(0)
  const leased = await gitWith(writer, work)('push', `--force-with-lease=one:${head}`, 'origin', 'one')
  expect(leased.exitCode).toBe(0)
})

test('workflow files and protected branches are not for every pusher', async () => {
  const work = join(dir, 'guarded')
  const writer = await token({ contents: 'write' })
  await gitWith(writer)('clone', `${fixture.github.url}/acme/shop.git`, 'guarded')
  await commit(work, 'flow', '.github/workflows/ci.yml')
  const refused = await gitWith(writer, work)('push', 'origin', 'flow')
  expect(refused.all).toContain('refusing to allow a GitHub App to create or update workflow .github/workflows/ci.yml')
  expect(refused.exitCode).not.toBe(0)

  fixture.github.inspect().protect('acme/shop', 'main', { requiredChecks: ['test'] })
  await gitWith(writer, work)('checkout', 'main')
  await commit(work, 'direct', 'direct.txt')
  const direct = await gitWith(writer, work)('push', 'origin', 'direct:main')
  expect(direct.all).toContain('GH006')
  expect((await gitWith(writer, work)('push', 'origin', 'direct')).exitCode).toBe(0)
})

test('git can be told to fail, for one repository and so many times', async () => {
  const reader = await token({ contents: 'read' })
  fixture.github.faults.failGit({ repository: 'acme/shop', service: 'git-upload-pack' })
  const address = `${fixture.github.url}/acme/shop.git`
  expect((await gitWith(reader)('ls-remote', address)).all).toContain('503')
  expect((await gitWith(reader)('ls-remote', address)).exitCode).toBe(0)
})
