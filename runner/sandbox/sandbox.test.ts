/** Tries to get out. The sandbox is real: bubblewrap, with the user that a job of this runner would have. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobUser } from './job-user.ts'
import { launch, type Sandbox } from './launch.ts'
import { openSandbox, prepareHost } from './open-sandbox.ts'
import { type Preflight, preflight } from './preflight.ts'

const WHY = 'no sandbox here: the first test says what is missing'
const SECRET = 'a secret of the runner that nobody inside may see'
const PATH = '/usr/local/bin:/usr/bin:/bin'

let folder: string
let ready: Preflight
let sandbox: Sandbox
let work: string
let outside: Server
let outsidePort = 0

beforeAll(async () => {
  process.env.SWITCHYARD_TEST_SECRET = SECRET
  // Not in /tmp: inside, that is memory of the sandbox's own.
  folder = await mkdtemp('/var/tmp/switchyard-sandbox-')
  await chmod(folder, 0o711)
  ready = await preflight(jobUser(folder), [folder, process.execPath])
  if (!ready.ready) {
    if (process.env.CI === 'true') throw new Error(`No sandbox here: ${ready.why}. ${ready.remedy}`)
    return
  }
  const root = path.join(folder, 'workspaces', 'run-step')
  work = path.join(root, 'work')
  const paths = { root, work, home: path.join(root, 'home'), report: path.join(root, 'report'), task: path.join(root, 'task') }
  const mirror = path.join(folder, 'mirrors', 'x.git')
  for (const made of [...Object.values(paths), path.join(mirror, 'objects')]) await mkdir(made, { recursive: true })
  await writeFile(path.join(mirror, 'objects', 'one'), 'an object')
  await writeFile(path.join(mirror, 'config'), SECRET)
  await writeFile(path.join(folder, 'secret.txt'), SECRET)
  await writeFile(path.join(paths.task, 'prompt.md'), 'the task')

  outside = createServer((_, response) => response.end('the model'))
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  const address = outside.address()
  outsidePort = typeof address === 'object' && address !== null ? address.port : 0
  const socket = path.join(folder, 'model.sock')
  await new Promise<void>((resolve) =>
    createServer((_, response) => response.end('the gateway'))
      .listen(socket, resolve)
      .unref(),
  )
  await chmod(socket, 0o666)

  const host = await prepareHost({ bubblewrap: ready.bubblewrap, dataDir: folder, tools: [] })
  sandbox = await openSandbox(host, { paths, mirrors: [mirror], forwarded: [{ name: 'model', port: 3129, socket }] })
})
afterAll(async () => {
  delete process.env.SWITCHYARD_TEST_SECRET
  outside?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs a script inside; gives what it printed, and its exit code. */
async function inside(script: string, given = sandbox): Promise<{ out: string; code: number | null }> {
  const { child } = launch(given, { file: 'sh', args: ['-c', script], cwd: work, env: { PATH, HOME: work } })
  child.stdin?.end()
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (out += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) => resolve(exit))
  })
  return { out, code }
}

const attempt = (script: string) => inside(`echo TRIED; ${script} && echo GOT OUT`)

describe('a sandbox', () => {
  it('says what is missing where there is none, and is there where nothing is', async (context) => {
    if (!ready.ready) {
      expect(ready).toMatchObject({ why: expect.stringMatching(/./), remedy: expect.stringMatching(/./) })
      context.skip(WHY)
    }
    expect(ready).toEqual({ ready: true, bubblewrap: expect.stringContaining('bwrap') })
    const user = { uid: 54_321, gid: 54_321 }
    const home = await mkdtemp(path.join(folder, 'home-'))
    await mkdir(path.join(home, 'app'))
    expect(await preflight(user, [path.join(home, 'app')])).toMatchObject({
      ready: false,
      why: expect.stringContaining(home),
      remedy: expect.stringContaining('DATA_DIR'),
    })
  })

  it('lets the agent work: its folders are its own, and its program’s exit code counts', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const { out, code } = await inside(
      'echo made > made.txt; cat made.txt ../task/prompt.md; id -un; pwd; git --version; exit 7',
    )
    expect(out).toMatch(new RegExp(`^made\nthe taskagent\n${work}\ngit version`))
    expect(code).toBe(7)
    expect(await readFile(path.join(work, 'made.txt'), 'utf8')).toBe('made\n')
  })

  it('shows no other file of the host', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const places = [
      '/root',
      '/home',
      '/var/lib',
      '/srv',
      '/opt',
      '/boot',
      '/sys',
      '/etc/shadow',
      '/etc/hostname',
      '/run/postgresql',
    ]
    const { out } = await inside(
      `ls -d ${places.join(' ')} 2>&1 | grep -v 'No such file'; ls ${folder}; cat ${folder}/secret.txt`,
    )
    // The folders on the way to what is shown are there, with nothing else in them.
    expect(out).toContain('mirrors\nworkspaces\n')
    expect(out).not.toContain('sandbox\n')
    expect(out).not.toContain(SECRET)
    expect(out).toContain('secret.txt: No such file')
    expect(out.split('\n')[0]).toBe('mirrors')
    expect((await inside(`cat ${folder}/mirrors/x.git/objects/one; cat ${folder}/mirrors/x.git/config`)).out).toMatch(
      /^an objectcat: .*No such file/,
    )
  })

  it.for([
    ['the system', 'touch /usr/bin/x'],
    ['the root', 'touch /x || mkdir /y'],
    ['our own /etc', 'echo x >> /etc/passwd'],
    ['the mirror', `echo x > ../../../mirrors/x.git/objects/one`],
    ['the prompt', 'echo x > ../task/prompt.md'],
    ['a folder beside the job’s', 'mkdir ../other'],
    ['the kernel’s settings', 'echo x > /proc/sys/kernel/core_pattern'],
    ['the kernel’s log', 'dmesg'],
    ['a mount', 'mount -t tmpfs none /mnt'],
    ['a namespace of its own', 'unshare -U true'],
    ['a device', 'mknod disk b 8 0'],
    ['another user', 'su root -c true'],
    ['memory of a process outside', 'cat /proc/kcore'],
  ] as const)('does not let it have %s', async ([, script], context) => {
    if (!ready.ready) context.skip(WHY)
    const { out } = await attempt(script)
    expect(out).toContain('TRIED\n')
    expect(out).not.toContain('GOT OUT')
  })

  it('hides the runner: its environment, its arguments, its processes', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const { out } = await inside(
      'cat /proc/*/environ | tr "\\0" "\\n"; cat /proc/*/cmdline | tr "\\0" " "; ls /proc | grep -c "^[0-9]"; env',
    )
    expect(out).not.toContain(SECRET)
    expect(out).not.toContain('vitest')
    expect(out).not.toMatch(/DATABASE_URL|npm_/)
  })

  it('has no network but what is bound in', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const ask = (address: string) =>
      `node -e "fetch('${address}').then(async (r) => console.log('REACHED', await r.text()), (e) => console.log('no', e.cause?.code ?? e.message))"`
    const node = path.dirname(process.execPath)
    const addresses = [
      `http://127.0.0.1:${outsidePort}/`,
      'http://169.254.169.254/',
      'http://1.1.1.1/',
      'http://npm.example.org/',
    ]
    const { out } = await inside([`PATH=${node}:$PATH`, ...addresses.map(ask), ask('http://127.0.0.1:3129/')].join('\n'))
    expect(out.split('\n').slice(0, 4)).toEqual([
      'no ECONNREFUSED',
      'no ENETUNREACH',
      'no ENETUNREACH',
      expect.stringMatching(/^no (EAI_AGAIN|ENOTFOUND)$/),
    ])
    expect(out).toContain('REACHED the gateway')
  })

  it('leaves to tools what they need of the kernel', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const threads = `
      const { Worker } = require('node:worker_threads')
      const { createServer, connect } = require('node:net')
      const { execFileSync } = require('node:child_process')
      console.log('interfaces', Object.keys(require('node:os').networkInterfaces()).join())
      console.log('child', execFileSync('sh', ['-c', 'echo of mine']).toString().trim())
      const server = createServer((socket) => socket.end('by tcp'))
      server.listen(0, '127.0.0.1', () => connect(server.address().port).on('data', (said) => console.log('said', String(said))).on('end', () => server.close()))
      new Worker('console.log("a thread")', { eval: true })`
    await writeFile(path.join(work, 'threads.cjs'), threads)
    const git =
      'git -c init.defaultBranch=main init -q g && cd g && git -c user.name=a -c user.email=b commit -q --allow-empty -m first'
    const c =
      'command -v cc >/dev/null && printf "#include <pthread.h>\\n#include <stdio.h>\\nvoid *f(void *x){puts("compiled");return x;} int main(){pthread_t t;return pthread_create(&t,0,f,0)||pthread_join(t,0);}" > t.c && cc -pthread t.c -o t && ./t || echo "no compiler"'
    const node = path.dirname(process.execPath)
    const npm = 'npm --version >/dev/null && npm init -y >/dev/null && npm pack --offline 2>/dev/null'
    const { out } = await inside(
      `PATH=${node}:$PATH; export TMPDIR=/tmp; node threads.cjs; ${c}; (${git} && git gc -q && git log --format=%s); ${npm}`,
    )
    for (const said of ['interfaces lo', 'child of mine', 'said by tcp', 'a thread', 'first', '.tgz'])
      expect(out).toContain(said)
    expect(out).toMatch(/compiled|no compiler/)
  })

  it('ends with everything inside, whatever it did to get away', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const away = '(setsid env -i sh -c \'trap "" TERM; echo away >&2; exec sleep 4711\' &)'
    const { child, kill, leaveNothing } = launch(sandbox, {
      file: 'sh',
      args: ['-c', `trap "" TERM HUP; ${away}; echo up; sleep 4711`],
      cwd: work,
      env: { PATH },
    })
    let out = ''
    await new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk) => {
          out += chunk
          if (out.includes('up') && out.includes('away')) resolve()
        })
      }
    })
    await expect.poll(() => sleepers()).toBe(2)
    const closed = new Promise((resolve) => child.once('close', resolve))
    kill()
    await closed
    expect(await leaveNothing()).toBeNull()
    expect(await sleepers()).toBe(0)
  })

  it('leaves nothing of what a program put into the background before it ended by itself', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const script =
      '(setsid env -i sh -c \'echo away; exec sleep 4712\' >&2 &) ; until grep -qs "47[1]2" /proc/*/cmdline; do :; done; exit 3'
    const { child, leaveNothing } = launch(sandbox, { file: 'sh', args: ['-c', script], cwd: work, env: { PATH } })
    child.stdout?.resume()
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(3)
    expect(await leaveNothing()).toBeNull()
    expect(await sleepers(4712)).toBe(0)
  })

  it('says why it was not there, where bubblewrap could not make it', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const lost = { ...sandbox, shared: [{ path: path.join(folder, 'gone'), access: 'read' as const }] }
    const { child, leaveNothing } = launch(lost, { file: 'true', args: [], cwd: '/', env: { PATH } })
    child.stdout?.resume()
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1)
    expect(await leaveNothing()).toContain(path.join(folder, 'gone'))
  })

  it('asks the program itself to end, which may put its things in order', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const script = 'trap "echo in order > order.txt; exit 5" TERM; echo up; while :; do sleep 0.05; done'
    const { child, terminate } = launch(sandbox, { file: 'sh', args: ['-c', script], cwd: work, env: { PATH } })
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    terminate()
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(5)
    expect(await readFile(path.join(work, 'order.txt'), 'utf8')).toBe('in order\n')
  })

  it('keeps a file and the number of processes within their limits', async (context) => {
    if (!ready.ready) context.skip(WHY)
    const small = { ...sandbox, limits: { processes: 40, fileBytes: 1_000_000, openFiles: 64 } }
    expect((await inside('head -c 2000000 /dev/zero > big; stat -c %s big', small)).out).toContain('1000000')
    const forks = await inside('i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done; echo ALL', small)
    expect(forks.out).not.toContain('ALL')
    expect(forks.out).toMatch(/[Cc]annot fork|Resource temporarily unavailable/)
  })

  it('works for a runner that is an ordinary user', (context) => {
    if (!ready.ready || process.getuid?.() !== 0) context.skip('only root can become somebody else')
    const module = (name: string) => JSON.stringify(path.join(import.meta.dirname, name))
    const script = `
      const { preflight } = await import(${module('preflight.ts')})
      const { jobUser } = await import(${module('job-user.ts')})
      console.log(JSON.stringify({ user: jobUser('/x'), ...(await preflight(jobUser('/x'), ['/usr'])) }))`
    const said = execFileSync('setpriv', [
      '--reuid=54321',
      '--regid=54321',
      '--clear-groups',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ])
    expect(JSON.parse(said.toString())).toEqual({ user: null, ready: true, bubblewrap: expect.any(String) })
  })
})

async function sleepers(seconds = 4711): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line.startsWith(`sleep\u0000${seconds}`)).length
}
