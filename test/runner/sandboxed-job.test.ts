/** Whole jobs with a sandbox around what they start: real bubblewrap, real git, the scripted agent. */
import { execFile, spawn } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createJobStop } from '../../runner/job-stop.ts'
import { NO_SANDBOX, openRunnerSandbox, type RunnerSandbox } from '../../runner/sandbox/runner-sandbox.ts'
import { sweepSockets } from '../../runner/sandbox/sockets.ts'
import type { JobResult } from '../../src/contract/job.ts'
import { sandboxSettings } from '../../src/contract/sandbox.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

const ROOT = path.join(import.meta.dirname, '../..')
/** The id of an ordinary user; nobody has to know it. */
const ORDINARY = 54_322
const SECRET = 'a secret on the host'

let shop: Workshop
let sandbox: RunnerSandbox
/** Each test's own run, and so its own branch and folders. */
let name = ''
let count = 0

beforeAll(async () => {
  shop = await openWorkshop()
  // As root, jobs have users of their own, who must be able to pass through.
  await chmod(shop.dir, 0o711)
  await shop.repository('acme/api')
  const settings = sandboxSettings({ SANDBOX: 'auto', SANDBOX_HOSTS: ['left.test'], SANDBOX_READ: [ROOT] })
  const { log } = await shop.deps()
  sandbox = await openRunnerSandbox(settings, { dataDir: shop.dataDir, env: process.env, registries: [], log })
  if (sandbox.host === null && process.env.CI === 'true') throw new Error(`No sandbox here: ${sandbox.why}`)
})
beforeEach(() => {
  count += 1
  name = `run${count}`
})
afterAll(async () => {
  await shop.close()
})

const why = (): string => (sandbox.host === null ? `no sandbox here: ${sandbox.why}` : '')
const commit = (message: string): Step => ({ do: 'sh', script: `git add -A && git commit -qm '${message}'` })
const event = (text: string): Step => ({ do: 'event', event: { type: 'text', text } })
const leg = (more: Record<string, unknown> = {}) => shop.leg('acme/api', { workBranch: `switchyard/${name}`, ...more })
const specOf = (script: readonly Step[], more: Record<string, unknown> = {}) =>
  shop.spec([leg()], script, { run: name, ...more })
const run = async (script: readonly Step[], more: Record<string, unknown> = {}) =>
  (await shop.run(specOf(script, more), { sandbox })).result

function finished(result: JobResult): Extract<JobResult, { status: 'finished' }> {
  if (result.status !== 'finished') throw new Error(JSON.stringify(result))
  return result
}
const pushed = (file: string): Promise<string> => shop.git('acme/api', 'show', `switchyard/${name}:${file}`)

describe('a job in a sandbox', () => {
  test('edits, commits and reports from within, and what it left can be taken away', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const script: Step[] = [{ do: 'write', file: 'src/new.js', text: 'new\n' }, commit('New'), success({ title: 'New' })]
    const result = finished(await run(script))
    expect(result.report).toMatchObject({ summary: 'Done.', title: 'New' })
    expect(result.legs).toMatchObject([{ push: { status: 'pushed' }, ahead: 1 }])
    expect(result.denied).toBeUndefined()
    expect(await pushed('src/new.js')).toBe('new')
    expect(await shop.git('acme/api', 'log', '-1', '--format=%s %an', `switchyard/${name}`)).toBe('New Switchyard')
    const left = await readdir(path.join(shop.dataDir, 'workspaces', `${name}-code`))
    expect(left.sort()).toEqual(['home', 'session.json'].filter((name) => left.includes(name)))
  })

  test('reads no file of the host, of the runner or of another job, and reaches no network', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const other = path.join(shop.dataDir, 'workspaces', 'other-code', 'home')
    await writeFile(path.join(shop.dataDir, 'secret.txt'), SECRET, { mode: 0o644 })
    await run([{ do: 'sh', script: 'echo belongs to another > $HOME/theirs.txt' }, success()], {
      run: 'other',
      mode: 'explore',
    })
    expect(await readdir(other)).toContain('theirs.txt')
    const server = createServer((_, response) => response.end(SECRET))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const get = (url: string, env = 'NODE_USE_ENV_PROXY=') =>
      `${env} node -e "fetch('${url}').then(async (r) => console.log(r.status, await r.text()), (e) => console.log('no', e.cause?.code ?? e.message))" >> seen.txt`
    const script = [
      'id -u > seen.txt',
      `cat ${other}/theirs.txt ${shop.dataDir}/secret.txt ${shop.dataDir}/git/gitconfig /etc/shadow >> seen.txt 2>&1 || true`,
      `ls ${shop.dataDir} ${shop.dataDir}/workspaces ${other} ../../host >> seen.txt 2>&1 || true`,
      'for at in /proc/[0-9]*; do tr "\\0" " " < $at/cmdline; done >> seen.txt',
      get(`http://127.0.0.1:${port}/`),
      get('http://169.254.169.254/latest/meta-data/'),
      get('https://example.com/'),
      get('https://example.com/', ''),
      get('https://example.com/again', ''),
      get(`http://127.0.0.1:${port}/`, 'NO_PROXY= no_proxy='),
      'git add -A && git commit -qm Seen',
    ]
    const result = finished(await run([{ do: 'sh', script: script.join('\n') }, success()]))
    server.close()
    const seen = await pushed('seen.txt')
    expect(seen.split('\n')[0]).toBe('1000')
    expect(seen).not.toContain(SECRET)
    expect(seen).not.toMatch(/hooksPath|root:|vitest|belongs to another|journal/m)
    expect(seen).toContain('secret.txt: No such file')
    expect(seen).toMatch(/no ECONNREFUSED\nno ENETUNREACH\nno (EAI_AGAIN|ENOTFOUND)\n/)
    expect(result.denied).toEqual([
      { host: 'example.com', port: 443, why: 'not-listed', count: 2 },
      { host: '127.0.0.1', port, why: 'not-listed', count: 1 },
    ])
  })

  test('leaves nothing alive, also of what forked twice and cleared its environment', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const away =
      "(setsid env -i sh -c 'exec sleep 4713' >/dev/null 2>&1 &)\nuntil grep -qs '47[1]3' /proc/*/cmdline; do :; done"
    const script: Step[] = [{ do: 'write', file: 'a.txt', text: 'a\n' }, { do: 'sh', script: away }, commit('A'), success()]
    finished(await run(script))
    expect(await processesOf('sleep\u00004713')).toEqual([])
  })

  test('is pushed at its checkpoints, and ends when it is told to, deaf as it may be', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const stop = createJobStop()
    const mark = markOf(name)
    const script: Step[] = [
      { do: 'deaf' },
      event(mark),
      { do: 'write', file: 'a.txt', text: 'a\n' },
      commit('A'),
      { do: 'hang' },
    ]
    const spec = specOf(script, { limits: { checkpointMs: 1_000, killGraceMs: 300 } })
    const running = shop.run(spec, { sandbox }, stop)
    await expect.poll(() => pushed('a.txt').catch(() => null), { timeout: 20_000, interval: 100 }).toBe('a')
    expect(await processesOf(mark)).not.toEqual([])
    stop.stop({ kind: 'cancelled', reason: 'enough', keep: true })
    expect((await running).result).toMatchObject({ status: 'cancelled', reason: 'enough', legs: [{ ahead: 1 }] })
    expect(await processesOf(mark)).toEqual([])
  })

  test('is stopped by its watchdogs', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const mark = markOf(name)
    const result = await run([{ do: 'deaf' }, event(mark), { do: 'hang' }], { limits: { durationMs: 1_500, killGraceMs: 200 } })
    expect(result).toMatchObject({ status: 'failed', failure: { cause: 'timeout-duration' } })
    expect(await processesOf(mark)).toEqual([])
  })

  test('[STP-11] validation commands run inside too, and are ended with what they started', async (context) => {
    if (sandbox.host === null) context.skip(why())
    await writeFile(path.join(shop.dataDir, 'secret.txt'), SECRET, { mode: 0o644 })
    const head = await shop.commit('acme/api', `switchyard/${name}`, { 'new.txt': 'new\n' })
    const spec = shop.spec([leg({ access: 'read', head })], [], {
      run: name,
      mode: 'validate',
      limits: { killGraceMs: 300 },
      validation: [
        { name: 'works', run: 'cat new.txt && echo made > made.txt && git status --short' },
        { name: 'peeks', run: `id -u; cat ${shop.dataDir}/secret.txt` },
        { name: 'hangs', run: 'trap "" TERM; (setsid env -i sleep 4714 &) ; sleep 4714', timeoutMs: 1_000 },
      ],
    })
    const { report } = finished((await shop.run(spec, { sandbox })).result)
    expect(report.status === 'success' && report.checks).toEqual([
      { command: 'works', ok: true, output: expect.stringContaining('new\n?? made.txt\n') },
      { command: 'peeks', ok: false, output: expect.stringMatching(/\n1000\n.*No such file/) },
      { command: 'hangs', ok: false, output: expect.stringContaining('It was stopped after 1 s') },
    ])
    expect(JSON.stringify(report)).not.toContain(SECRET)
    expect(await processesOf('sleep\u00004714')).toEqual([])
  })

  test('with a narrowed network reaches less, and is told which list it was', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const ask = `NODE_USE_ENV_PROXY=1 node -e "fetch('https://left.test/').catch(() => 0)"`
    const result = finished(await run([{ do: 'sh', script: ask }, success()], { mode: 'explore', sandbox: { hosts: [] } }))
    expect(result.denied).toEqual([{ host: 'left.test', port: 443, why: 'left-out', count: 1 }])
  })

  test('whose program is not there inside says so, and what to do', async (context) => {
    if (sandbox.host === null) context.skip(why())
    const result = await run([], { runtime: { name: 'command', command: ['/opt/nowhere/agent'] } })
    expect(result).toMatchObject({ status: 'failed', failure: { cause: 'agent' } })
    expect(JSON.stringify(result)).toMatch(/could not be started in the sandbox.*SANDBOX_READ/)
  })

  test('has a user of its own where the runner is root, who owns nothing when it is over', async (context) => {
    if (sandbox.host === null) context.skip(why())
    if (process.getuid?.() !== 0) context.skip('only root can give a job a user of its own')
    const home = path.join(shop.dataDir, 'workspaces', `${name}-code`, 'home')
    finished(await run([{ do: 'write', file: 'a.txt', text: 'a\n' }, commit('A'), success()]))
    expect((await stat(home)).uid).toBeGreaterThanOrEqual(40_000)
    expect((await stat(shop.dataDir)).mode & 0o777).toBe(0o711)
  })
})

test('a runner that is an ordinary user has sandboxes too, and can take away what a job forbids it', async (context) => {
  if (sandbox.host === null) context.skip(why())
  if (process.getuid?.() !== 0) context.skip('every other test here is by an ordinary user')
  const folder = await mkdtemp(path.join(shop.dir, 'ordinary-'))
  await chown(folder, ORDINARY, ORDINARY)
  const locked = 'mkdir -p locked/in $HOME/cache/in && chmod 000 locked && chmod 555 $HOME/cache/in $HOME/cache'
  const script: Step[] = [{ do: 'sh', script: `id -u > who.txt; ls ${folder} >> who.txt; ${locked}` }, commit('A'), success()]
  const given = { appUrl: shop.app.url, dataDir: path.join(folder, 'data'), spec: specOf(script), sandboxRead: [ROOT] }
  const as = ['--reuid', String(ORDINARY), '--regid', String(ORDINARY), '--clear-groups', '--']
  const once = path.join(import.meta.dirname, 'run-once.ts')
  await promisify(execFile)('setpriv', [...as, process.execPath, once, JSON.stringify(given)], {
    env: { PATH: process.env.PATH },
    cwd: '/',
  })
  expect(shop.app.results.at(-1)?.result).toMatchObject({ status: 'finished', legs: [{ push: { status: 'pushed' } }] })
  expect(await pushed('who.txt')).toBe('1000\ndata')
  const workspace = path.join(folder, 'data', 'workspaces', `${name}-code`)
  expect(await readdir(workspace)).not.toContain('work')
  expect((await stat(path.join(workspace, 'home'))).uid).toBe(ORDINARY)
})

test('a runner that is killed takes its sandboxes with it, and what it left is swept', async (context) => {
  if (sandbox.host === null) context.skip(why())
  const dataDir = path.join(shop.dir, 'killed')
  const mark = `/nowhere/${name}-killed`
  const script: Step[] = [{ do: 'deaf' }, { do: 'sh', script: `(setsid env -i sleep 4715 &)` }, event(mark), { do: 'hang' }]
  const given = { appUrl: shop.app.url, dataDir, spec: specOf(script), sandboxRead: [ROOT] }
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'run-once.ts'), JSON.stringify(given)], {
    stdio: 'ignore',
  })
  await shop.app.heard(({ progress }) => progress.some(({ log }) => log.some(({ text }) => text.includes(mark))))
  const sockets = async () =>
    (await readdir('/tmp')).filter((file) => file.startsWith('switchyard-') && file.includes(`-${child.pid}-`))
  expect(await processesOf('sleep\u00004715')).toHaveLength(1)
  expect(await sockets()).toHaveLength(1)
  child.kill('SIGKILL')
  await expect.poll(() => processesOf('sleep\u00004715')).toEqual([])
  await expect.poll(() => processesOf(mark)).toEqual([])
  await sweepSockets(await realpath(dataDir))
  expect(await sockets()).toEqual([])
})

test.each(['/', '/proc/self', 'the data folder', 'a folder in it'])('SANDBOX_READ may not be %s', async (given) => {
  const place = given === 'the data folder' ? shop.dataDir : given === 'a folder in it' ? `${shop.dataDir}/git` : given
  const from = { dataDir: shop.dataDir, env: {}, registries: [], log: (await shop.deps()).log }
  const settings = sandboxSettings({ SANDBOX: 'auto', SANDBOX_READ: [place] })
  await expect(openRunnerSandbox(settings, from)).rejects.toThrow(`SANDBOX_READ may not name ${place}:`)
})

test('a path of SANDBOX_READ that is not there is named', async () => {
  const from = { dataDir: shop.dataDir, env: {}, registries: [], log: (await shop.deps()).log }
  const settings = sandboxSettings({ SANDBOX: 'required', SANDBOX_READ: ['/nowhere/tools'] })
  await expect(openRunnerSandbox(settings, from)).rejects.toThrow(
    sandbox.host === null ? /There is no sandbox/ : '/nowhere/tools is not there',
  )
})

describe('a job without a sandbox', () => {
  const note = 'The job was done without a sandbox: bubblewrap is not installed.'
  const missing: RunnerSandbox = {
    host: null,
    mode: 'auto',
    why: 'bubblewrap is not installed',
    holder: null,
    notes: [note],
  }
  const work: Step[] = [{ do: 'write', file: 'a.txt', text: 'a\n' }, commit('A'), success()]
  const given = async (sandbox: RunnerSandbox, more: Record<string, unknown> = {}) =>
    (await shop.run(specOf(work, more), { sandbox })).result

  test('is done where its owner put up with that, and its report says so', async () => {
    expect((await given(missing)).notes).toEqual([note])
    expect((await given(NO_SANDBOX)).notes).toEqual([])
  })

  test.each([
    ['it asks for one', missing, { required: true }],
    ['it asks for one, whatever the owner of the runner says', NO_SANDBOX, { required: true }],
    ['its network is narrowed', missing, { hosts: [] }],
  ])('is not done where %s', async (_, sandbox, asked) => {
    expect(await given(sandbox, { sandbox: asked })).toMatchObject({
      status: 'failed',
      failure: { cause: 'config', message: expect.stringContaining('There is no sandbox for this job') },
    })
  })

  test('says so where its network should have been narrowed and its owner switched the sandbox off', async () => {
    expect((await given(NO_SANDBOX, { sandbox: { hosts: [] } })).notes.join()).toContain('was not narrowed')
  })
})

/** The processes of this machine whose command line has this text in it. */
/** Stands in the command line of a test's agent and in no other: agents of other files work at the same time. */
function markOf(test: string): string {
  return `agent of ${test} of ${process.pid}`
}

async function processesOf(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line.includes(text))
}
