/** A server that begins to answer a fetch and then says nothing more: git gives it up, long before the limit of a fetch. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { prepareGitHome } from '../../runner/git/git-environment.ts'
import { GitError } from '../../runner/git/git-error.ts'
import { fetchIntoMirror } from '../../runner/git/remote.ts'
import { createGit } from '../../runner/git/run-git.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import { launch, outputOf } from '../support/launch.ts'

test('a fetch from a server that stalls is given up after RUNNER_GIT_STALL_SECONDS', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
    response.write('001e# service=git-upload-pack\n0000')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dir = await mkdtemp(path.join(tmpdir(), 'switchyard-stall-'))
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await rm(dir, { recursive: true, force: true })
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/acme/api.git`
  await outputOf('git', ['init', '-q', '--bare', path.join(dir, 'mirror.git')])
  const git = createGit(await prepareGitHome(path.join(dir, 'git'), 1), createRedactor(), 'test', launch)
  const error = await fetchIntoMirror(git, path.join(dir, 'mirror.git'), { url, token: 'x' }, { branch: 'main' }).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(GitError)
  // Git's own end, not the limit of a fetch, which is ten minutes.
  expect(error).toMatchObject({ kind: 'exit', message: expect.stringMatching(/^git fetch failed/) })
  expect(asked).toEqual(['/acme/api.git/info/refs?service=git-upload-pack'])
})
