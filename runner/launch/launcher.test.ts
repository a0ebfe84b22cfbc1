import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { afterEach, describe, expect, test } from 'vitest'
import { createLauncher, type Launcher } from './launcher.ts'
import { launchHere, type Program } from './program.ts'

const opened: Launcher[] = []
afterEach(() => {
  for (const launcher of opened.splice(0)) launcher.stop()
})

function byAnother() {
  const launcher = createLauncher()
  opened.push(launcher)
  return launcher.launch
}

function shell(script: string, more: Partial<Program> = {}): Program {
  const env = { PATH: process.env.PATH ?? '' }
  return { file: 'sh', args: ['-c', script], cwd: '/', env, timeoutMs: 20_000, maxOutputBytes: 1_000_000, ...more }
}

const parentOf = (pid: string) => execFileSync('ps', ['-o', 'ppid=', '-p', pid], { encoding: 'utf8' }).trim()

describe.each([
  ['by this process', () => launchHere],
  ['by a small process', byAnother],
])('a program started %s', (_, make) => {
  test('gets its input, its folder and no other environment, and its end is told', async () => {
    const launch = make()
    const ended = await launch(
      shell('cat; pwd; env; echo said >&2; exit 3', {
        input: Buffer.from([0, 255, 10]),
        env: { PATH: '/usr/bin:/bin', A: 'b' },
      }),
    )
    expect([...ended.stdout.subarray(0, 3)]).toEqual([0, 255, 10])
    expect(ended.stdout.subarray(3).toString().trim().split('\n').toSorted()).toEqual([
      '/',
      'A=b',
      'PATH=/usr/bin:/bin',
      'PWD=/',
    ])
    expect(ended).toMatchObject({ exitCode: 3, stopped: null, stderr: Buffer.from('said\n') })
  })

  test('is stopped when its time is up, when it writes too much, and when it is not wanted any more', async () => {
    const launch = make()
    const cancelling = new AbortController()
    const ended = [
      launch(shell('sleep 60', { timeoutMs: 50 })),
      launch(shell('yes', { maxOutputBytes: 10_000 })),
      launch(shell('sleep 60'), cancelling.signal),
      launch(shell('true'), AbortSignal.abort()),
    ]
    cancelling.abort()
    expect((await Promise.all(ended)).map(({ exitCode, stopped }) => [exitCode, stopped])).toEqual([
      [null, 'timeout'],
      [null, 'too-much-output'],
      [null, 'cancelled'],
      [null, 'cancelled'],
    ])
  })

  test('that is not there, or ended by a signal, has no exit code; the first says why', async () => {
    const launch = make()
    const missing = await launch(shell('', { file: '/no/such/program' }))
    expect(missing).toMatchObject({ exitCode: null, stopped: null })
    expect(missing.stderr.toString()).toContain('ENOENT')
    expect(await launch(shell('kill -9 $$'))).toMatchObject({ exitCode: null, stopped: null })
  })

  test('may be one of many, and need not read its input', async () => {
    const launch = make()
    const many = Array.from({ length: 20 }, (_, n) => launch(shell(`echo ${n}`, { input: Buffer.alloc(300_000) })))
    expect((await Promise.all(many)).map(({ stdout }) => stdout.toString())).toEqual(many.map((_, n) => `${n}\n`))
  })
})

test('where the small process is lost, what was under way says so, and the next program has a new one', async () => {
  const launch = byAnother()
  const helper = (await launch(shell('echo $PPID'))).stdout.toString().trim()
  expect(helper).not.toBe(String(process.pid))
  expect(parentOf(helper)).toBe(String(process.pid))
  const under = launch(shell('sleep 0.5'))
  process.kill(Number(helper), 'SIGKILL')
  expect(await under).toMatchObject({ exitCode: null, stopped: null })
  expect((await launch(shell('echo back'))).stdout.toString()).toBe('back\n')
})
