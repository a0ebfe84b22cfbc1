import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RefUpdate } from '../github/git-http.ts'
import { type GitServer, startGitServer } from './git-server.ts'

let dir: string
let server: GitServer
const pushes: RefUpdate[][] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'git-server-'))
  const bare = join(dir, 'acme/shop.git')
  await git(dir, 'init', '--bare', '-b', 'main', bare)
  server = await startGitServer({
    repos: dir,
    pushed: ({ updates }) => {
      pushes.push(updates)
    },
    deny: ({ repository }) => (repository === 'acme/secret' ? 'no' : null),
  })
})

afterAll(async () => {
  await server.stop()
  await rm(dir, { recursive: true })
})

test('a large push and a clone go through, and the push is told with what it moved', async () => {
  const work = join(dir, 'work')
  await git(dir, 'init', '-b', 'main', work)
  // More than http.postBuffer, so that git sends it chunked.
  const { randomBytes } = await import('node:crypto')
  await writeFile(join(work, 'large'), randomBytes(3_000_000))
  await git(work, 'add', '.')
  await git(work, 'commit', '-m', 'first')
  await git(work, 'push', address('acme/shop'), 'main')
  const head = await git(work, 'rev-parse', 'HEAD')
  expect(pushes).toEqual([[{ ref: 'refs/heads/main', before: '0'.repeat(40), after: head }]])

  await git(dir, 'clone', '--filter=blob:none', address('acme/shop'), 'copy')
  expect(await git(join(dir, 'copy'), 'rev-parse', 'HEAD')).toBe(head)
  expect(server.requests.map(({ service, phase }) => `${service} ${phase}`)).toContain('git-receive-pack rpc')
})

test('no token, a wrong one and a denied repository are refused', async () => {
  const refs = (path: string, init?: RequestInit) => fetch(`${server.url}/${path}/info/refs?service=git-upload-pack`, init)
  expect((await refs('acme/shop.git')).status).toBe(401)
  const basic = (token: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` },
  })
  expect((await refs('acme/shop.git', basic('wrong'))).status).toBe(401)
  expect((await refs('acme/secret.git', basic(server.token))).status).toBe(403)
  expect((await refs('acme/missing.git', basic(server.token))).status).toBe(404)
  expect((await fetch(`${server.url}/acme/shop`)).status).toBe(404)
})

function address(repository: string): string {
  return `${server.url.replace('://', `://x-access-token:${server.token}@`)}/${repository}.git`
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com']
  return (await execa('git', [...identity, ...args], { cwd })).stdout
}
