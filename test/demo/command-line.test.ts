import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { claudeMissing } from './agent-ready.ts'
import { cleanEnvironment } from './clean-environment.ts'
import { parseOptions } from './options.ts'

const MAIN = path.join(import.meta.dirname, 'main.ts')

describe('what the demo is told', () => {
  test('nothing, or every option', () => {
    expect(parseOptions([])).toEqual({
      kind: 'run',
      options: { agent: 'scripted', pipeline: 'default', json: false, keep: false, limitMs: 300_000 },
    })
    expect(parseOptions(['--json', '--keep', '--agent', 'claude', '--limit', '5'])).toEqual({
      kind: 'run',
      options: { agent: 'claude', pipeline: 'default', json: true, keep: true, limitMs: 5_000 },
    })
    expect(parseOptions(['--pipeline', 'bugfix'])).toMatchObject({ kind: 'run', options: { pipeline: 'bugfix' } })
  })

  test.each([
    [['--jsn'], '--jsn'],
    [['please'], 'please'],
    [['--agent', 'gpt'], 'gpt'],
    [['--agent'], '--agent'],
    [['--limit', 'soon'], '--limit'],
    [['--pipeline', 'nightly'], 'bugfix, unattended'],
    [['--pipeline', 'bugfix', '--agent', 'claude'], '--pipeline'],
  ])('%j is refused with a sentence that names what is wrong', (args, named) => {
    expect(parseOptions(args)).toEqual({ kind: 'wrong', why: expect.stringContaining(named) })
  })

  test('a wrong option ends it at once, with the help', async () => {
    const run = promisify(execFile)(process.execPath, [MAIN, '--jsn'])
    await expect(run).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--keep') })
  })

  test('the real agent without a key is refused with what to do', async () => {
    expect(await claudeMissing({})).toMatch(/ANTHROPIC_API_KEY is not set\. Set it, or leave --agent out/)
    const { ANTHROPIC_API_KEY: _, ...env } = process.env
    const run = promisify(execFile)(process.execPath, [MAIN, '--agent', 'claude'], { env })
    await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('ANTHROPIC_API_KEY=<your key>') })
  })

  test('the real agent where it is not installed is refused with the command that installs it', async () => {
    const env = { ANTHROPIC_API_KEY: 'a key', PATH: '/nowhere' }
    expect(await claudeMissing(env, '/nowhere')).toMatch(/npm run agents:install -- claude/)
  })

  test('nothing of the environment but the terminal’s and the paths reaches the demo', () => {
    const env = { PATH: '/bin', TERM: 'xterm', DATABASE_URL: 'x', GITHUB_TOKEN: 'x', https_proxy: 'x', ANTHROPIC_API_KEY: 'x' }
    const scripted = { ...env }
    cleanEnvironment(scripted, 'scripted')
    expect(scripted).toEqual({ PATH: '/bin', TERM: 'xterm' })
    const claude = { ...env }
    cleanEnvironment(claude, 'claude')
    expect(claude).toEqual({ PATH: '/bin', TERM: 'xterm', ANTHROPIC_API_KEY: 'x' })
  })
})

test('a demo that does not get through in its time says so, shows its log, and ends with 1', async () => {
  const run = promisify(execFile)(process.execPath, [MAIN, '--json', '--limit', '0.1'])
  const failed = await run.then(
    () => null,
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  expect(failed?.code).toBe(1)
  expect(failed?.stderr).toMatch(/did not get through\. It did not end within its time/)
  expect(failed?.stderr).toContain('App started')
  const [, folder = ''] = /What it wrote is in (\S+)/.exec(failed?.stderr ?? '') ?? []
  expect(folder).toContain('switchyard-demo-')
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  expect(JSON.parse(failed?.stdout ?? '')).toMatchObject({ error: expect.stringContaining('time'), pullRequests: [] })
}, 240_000)
