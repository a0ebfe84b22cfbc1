/** `npm start` where the runner cannot start: the app, which is up already, does not stay up without it. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type DemoWorld } from '../demo/world.ts'
import { type LocalGitHub, startLocalGitHub } from '../github/local-github.ts'

const MAIN = path.join(import.meta.dirname, '../../src/main.ts')
const LIMIT_MS = 90_000

let dir: string
let github: LocalGitHub
let world: DemoWorld
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'switchyard-not-starting-'))
  github = await startLocalGitHub()
  world = await createWorld(github, { dataDir: dir })
})
afterAll(async () => {
  await github.stop()
  await rm(dir, { recursive: true, force: true, maxRetries: 3 })
})

test('a runner that finds no sandbox, where one is required, ends the whole with a sentence that says so', {
  timeout: 2 * LIMIT_MS,
}, async () => {
  // A machine with git and without bubblewrap.
  const bin = path.join(dir, 'bin')
  await mkdir(bin)
  const { stdout: git } = await execa('sh', ['-c', 'command -v git'])
  await symlink(git, path.join(bin, 'git'))
  const env = { ...world.env, SANDBOX: 'required', PATH: bin, HOME: dir, LOG_LEVEL: 'info' }
  const start = () => execa(process.execPath, [MAIN, 'start'], { env, extendEnv: false, reject: false, timeout: LIMIT_MS })
  const ended = await start()
  expect(ended.timedOut).toBe(false)
  expect(ended.exitCode).toBe(1)
  expect(ended.stderr).toMatch(/bubblewrap/)
  expect(ended.stderr).not.toMatch(/^\s+at /m)
  // It had begun to listen, and listens no more; and the folder of the store is free for the next start.
  expect(ended.stdout).toMatch(/App started[\s\S]*App stopped/)
  expect(await answers(world.port)).toBe(false)
  expect((await start()).stderr).toBe(ended.stderr)
})

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
