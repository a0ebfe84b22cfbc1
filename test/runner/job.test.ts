/** Whole jobs on real git over real HTTP, with a scripted agent: what is pushed, what is reported. */
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop({
    deny: ({ repository, service }) => (repository === 'acme/locked' && service === 'git-receive-pack' ? 'Protected.' : null),
  })
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
const change = (folder: string, text = 'export const n = 1\n'): Step[] => [
  { do: 'write', file: path.join(folder, 'src/new.js'), text },
  { do: 'commit', in: folder, message: 'Add n' },
]

test('[JOB-4] several legs lie side by side under a root that is no repository; only the changed one gets a branch', async () => {
  await shop.repository('acme/api')
  await shop.repository('acme/shop')
  const look: Step = {
    do: 'sh',
    script: `pwd > ${shop.dir}/cwd; ls -A > ${shop.dir}/ls; git rev-parse --git-dir 2> ${shop.dir}/git || true`,
  }
  // Even a data folder inside a repository gives no repository around the legs.
  await shop.git('acme/api', 'init', '-q', shop.dir)
  const spec = shop.spec(
    [shop.leg('acme/api'), shop.leg('acme/shop', { role: 'consumer' })],
    [look, ...change('acme__api'), success()],
  )
  const { ending, result } = await shop.run(spec)
  expect(ending).toBe('over')
  expect(result).toMatchObject({ status: 'finished', report: { status: 'success' }, notes: [] })
  expect(await readFile(`${shop.dir}/ls`, 'utf8')).toBe('acme__api\nacme__shop\n')
  expect(await readFile(`${shop.dir}/git`, 'utf8')).toContain('not a git repository')
  expect(result.legs).toMatchObject([
    {
      key: 'acme__api',
      ahead: 1,
      push: { status: 'pushed' },
      changedFiles: [{ path: 'src/new.js', status: 'added', additions: 1, deletions: 0 }],
    },
    { key: 'acme__shop', ahead: 0, head: null, push: { status: 'unchanged' }, changedFiles: [] },
  ])
  expect(result.legs[0]?.head).toBe(await shop.git('acme/api', 'rev-parse', BRANCH))
  expect(await shop.git('acme/api', 'log', '--format=%an %s', BRANCH)).toBe('Switchyard Add n\nSomebody The first commit')
  expect(await shop.git('acme/shop', 'branch', '--list')).toBe('* main')
})

test('[JOB-4] a single leg runs in its own directory, a service in the one that is set', async () => {
  await shop.repository('acme/api', { 'services/a/index.js': '1\n', 'README.md': '#\n' })
  const look: Step = { do: 'sh', script: `pwd >> ${shop.dir}/cwd` }
  const noop: Step = { do: 'report', report: { status: 'noop', summary: 'S', reason: 'R' } }
  await shop.run(shop.spec([shop.leg('acme/api')], [look, noop]))
  await shop.run(shop.spec([shop.leg('acme/api', { directory: 'services/a' })], [look, noop]))
  expect(
    (await readFile(`${shop.dir}/cwd`, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split('/work/')[1]),
  ).toEqual(['acme__api', 'acme__api/services/a'])
  const { result } = await shop.run(shop.spec([shop.leg('acme/api', { directory: '../../..' })], [noop]))
  expect(result).toMatchObject({ status: 'failed', failure: { cause: 'dispatch' } })
})

test('[JOB-1] a malformed job is refused with the path of the fault, and no token is asked for', async () => {
  await shop.repository('acme/api')
  const spec = { ...shop.spec([shop.leg('acme/api')], []), legs: [{ ...shop.leg('acme/api'), cloneUrl: 'no url' }] }
  const { ending, result } = await shop.run(spec)
  expect(ending).toBe('over')
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'dispatch', message: expect.stringContaining('legs.0.cloneUrl: ') },
  })
  expect(shop.app.tokens).toEqual([])
})

test('[JOB-2] a leg on a host that is not allowed is refused before a token is asked for', async () => {
  await shop.repository('acme/api')
  const elsewhere = shop.leg('acme/api', { key: 'elsewhere', cloneUrl: 'https://evil.example/acme/api.git' })
  const { result } = await shop.run(shop.spec([shop.leg('acme/api'), elsewhere], []))
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'dispatch', message: expect.stringContaining('evil.example') },
  })
  expect(shop.app.tokens).toEqual([])
})

test('no token is in the job’s folders, the agent’s environment, the log or the result', async () => {
  await shop.repository('acme/api')
  const look: Step = {
    do: 'sh',
    script: `env > ${shop.dir}/env; grep -rlF ${shop.server.token} ${shop.dataDir} > ${shop.dir}/found || true; echo token ${shop.server.token}`,
  }
  const { result } = await shop.run(
    shop.spec([shop.leg('acme/api')], [look, ...change('.'), success({ summary: `It is ${shop.server.token}` })]),
  )
  expect(result.status).toBe('finished')
  expect(await readFile(`${shop.dir}/env`, 'utf8')).not.toMatch(/RUNNER_SECRET|ghs_|REDIS_URL|DATABASE_URL/)
  // The only place is the script itself, which stands in the agent's own arguments and not in a file.
  expect(await readFile(`${shop.dir}/found`, 'utf8')).toBe('')
  expect(JSON.stringify([shop.app.results, shop.app.progress, shop.logged])).not.toContain(shop.server.token)
  expect(shop.app.tokens.map(({ operation }) => operation)).toEqual(['fetch', 'push'])
})

test('[JOB-7] forgotten edits are committed, new files too, but not ignored, large or scratch ones; the report says which', async () => {
  await shop.repository('acme/api', { 'src/index.js': 'old\n', gone: 'x\n', '.gitignore': 'ignored.txt\n' })
  const script: Step[] = [
    ...change('.'),
    { do: 'write', file: 'src/index.js', text: 'new\n' },
    { do: 'sh', script: 'rm gone; chmod +x src/new.js; ln -s /etc/passwd link' },
    { do: 'write', file: 'a file with ä.txt', text: 'x\n' },
    { do: 'write', file: 'ignored.txt', text: 'x\n' },
    { do: 'write', file: 'node_modules/dep/index.js', text: 'x\n' },
    { do: 'write', file: 'node_modules/other/index.js', text: 'x\n' },
    { do: 'write', file: 'debug.log', text: 'x\n' },
    { do: 'sh', script: 'head -c 1048577 /dev/zero > large.bin' },
    success(),
  ]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], script))
  const [leg] = result.legs
  expect(leg?.committedForAgent.toSorted()).toEqual(['a file with ä.txt', 'gone', 'link', 'src/index.js', 'src/new.js'])
  expect(leg?.leftOut.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'debug.log', why: 'scratch' },
    { path: 'large.bin', why: 'too-large' },
    { path: 'node_modules/', why: 'scratch' },
  ])
  expect(leg).toMatchObject({ ahead: 2, push: { status: 'pushed' } })
  const tree = (await shop.git('acme/api', 'ls-tree', '-r', '-z', BRANCH)).split('\0').filter((line) => line !== '')
  expect(tree.map((line) => line.replace(/ blob [0-9a-f]+\t/, ' '))).toEqual([
    '100644 .gitignore',
    '100644 a file with ä.txt',
    '120000 link',
    '100644 src/index.js',
    '100755 src/new.js',
  ])
  expect(await shop.git('acme/api', 'show', `${BRANCH}:src/index.js`)).toBe('new')
})

test('[JOB-8] a leg that cannot be fetched fails the job before the agent starts', async () => {
  await shop.repository('acme/api')
  const missing = shop.leg('acme/missing')
  const started: Step = { do: 'sh', script: `touch ${shop.dir}/started` }
  const { result } = await shop.run(shop.spec([shop.leg('acme/api'), missing], [started]))
  expect(result).toMatchObject({ status: 'failed', failure: { cause: 'git' } })
  expect(await readdir(shop.dir)).not.toContain('started')
})

test('[JOB-8] a failed push of one leg keeps the others, and the result says so per leg', async () => {
  await shop.repository('acme/api')
  await shop.repository('acme/locked')
  const script = [...change('acme__api'), ...change('acme__locked'), success()]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api'), shop.leg('acme/locked')], script))
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'git', message: expect.stringContaining('acme__locked') },
    legs: [
      { key: 'acme__api', push: { status: 'pushed' }, ahead: 1 },
      { key: 'acme__locked', push: { status: 'failed' }, head: null },
    ],
  })
  expect(await shop.git('acme/api', 'log', '-1', '--format=%s', BRANCH)).toBe('Add n')
})

test('[JOB-12] explore: nothing is pushed, edits and commits are discarded and named', async () => {
  await shop.repository('acme/api')
  const script: Step[] = [
    ...change('.'),
    { do: 'write', file: 'README.md', text: 'edited\n' },
    { do: 'write', file: 'notes.txt', text: 'x' },
    success(),
  ]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], script, { mode: 'explore' }))
  expect(result.status).toBe('finished')
  expect(result.legs[0]).toMatchObject({ head: null, ahead: 0, push: { status: 'unchanged' } })
  expect(result.legs[0]?.leftOut.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'notes.txt', why: 'explore' },
    { path: 'README.md', why: 'explore' },
    { path: 'src/new.js', why: 'explore' },
  ])
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
  expect(shop.app.tokens.map(({ operation }) => operation)).toEqual(['fetch'])
})

test('[JOB-12] a read-only leg of a code job is not pushed either', async () => {
  await shop.repository('acme/api')
  await shop.repository('acme/docs')
  const script = [...change('acme__api'), ...change('acme__docs'), success()]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api'), shop.leg('acme/docs', { access: 'read' })], script))
  expect(result.legs[1]).toMatchObject({ push: { status: 'unchanged' }, leftOut: [{ path: 'src/new.js', why: 'read-only' }] })
  expect(await shop.git('acme/docs', 'branch', '--list')).toBe('* main')
})

test('a reader looks at the head it is given, not at where the branch is by now', async () => {
  await shop.repository('acme/api')
  const pinned = await shop.commit('acme/api', BRANCH, { state: 'reviewed\n' })
  await shop.commit('acme/api', BRANCH, { state: 'newer\n' })
  const look: Step = { do: 'sh', script: `cat state > ${shop.dir}/seen` }
  const { result } = await shop.run(shop.spec([shop.leg('acme/api', { head: pinned })], [look, success()], { mode: 'explore' }))
  expect(result.status).toBe('finished')
  expect(await readFile(`${shop.dir}/seen`, 'utf8')).toBe('reviewed\n')
})

test.each(['code', 'explore'] as const)(
  '[JOB-13] in the mode %s: context files lie in a folder that git ignores, and are listed to the agent',
  async (mode) => {
    await shop.repository('acme/api')
    const look: Step = {
      do: 'sh',
      script: `git status --porcelain > ${shop.dir}/status; cat $SWITCHYARD_PROMPT_FILE > ${shop.dir}/prompt; cat .switchyard-context/docs/a.md > ${shop.dir}/context`,
    }
    const noop: Step = { do: 'report', report: { status: 'noop', summary: 'S', reason: 'R' } }
    const contextFiles = [{ path: 'docs/a.md', content: 'context\n' }]
    const { result } = await shop.run(shop.spec([shop.leg('acme/api')], [look, noop], { contextFiles, mode }))
    expect(result).toMatchObject({ status: 'finished', legs: [{ leftOut: [], committedForAgent: [] }] })
    expect(await readFile(`${shop.dir}/status`, 'utf8')).toBe('')
    expect(await readFile(`${shop.dir}/context`, 'utf8')).toBe('context\n')
    expect(await readFile(`${shop.dir}/prompt`, 'utf8')).toContain('.switchyard-context/docs/a.md')
    const outside = await shop.run(
      shop.spec([shop.leg('acme/api')], [noop], { contextFiles: [{ path: '../../x', content: '' }] }),
    )
    expect(outside.result).toMatchObject({ status: 'failed', failure: { cause: 'dispatch' } })
  },
)

test('a job that the app does not want any more is acknowledged and nothing is done', async () => {
  await shop.repository('acme/api')
  const deps = await shop.deps()
  const app = { ...deps.app, start: async () => ({ go: false, why: 'cancelled' }) as const }
  const { ending } = await shop.run(shop.spec([shop.leg('acme/api')], [success()]), { app })
  expect(ending).toBe('over')
  expect([...shop.app.tokens, ...shop.app.results]).toEqual([])
})

test('two jobs on one repository at the same moment share its mirror and do not disturb one another', async () => {
  await shop.repository('acme/api')
  const job = (step: string) =>
    shop.run(
      shop.spec([shop.leg('acme/api', { workBranch: `switchyard/${step}` })], [...change('.', `${step}\n`), success()], {
        id: `run1-${step}-1`,
        step,
      }),
    )
  await Promise.all([job('one'), job('two'), job('three')])
  expect(shop.app.results.map(({ result }) => result.status)).toEqual(['finished', 'finished', 'finished'])
  for (const step of ['one', 'two', 'three'])
    expect(await shop.git('acme/api', 'show', `switchyard/${step}:src/new.js`)).toBe(step)
})

test('[JOB-7] a file whose name is no UTF-8 is committed all the same', async () => {
  await shop.repository('acme/api')
  const script: Step[] = [{ do: 'sh', script: `printf x > "$(printf 'caf\\351')"` }, success()]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], script))
  expect(result).toMatchObject({ status: 'finished', legs: [{ ahead: 1, push: { status: 'pushed' } }] })
  expect(await shop.git('acme/api', 'ls-tree', '--name-only', BRANCH)).toContain('"caf\\351"')
})

test('lock files that a killed git left in a mirror do not stop the next job', async () => {
  await shop.repository('acme/api')
  const job = (n: number) =>
    shop.run(shop.spec([shop.leg('acme/api', { workBranch: `switchyard/${n}` })], [...change('.', `${n}\n`), success()]))
  expect((await job(1)).result.status).toBe('finished')
  await shop.commit('acme/api', 'main', { 'base.txt': 'x' })
  const host = new URL(shop.server.url).host.replace(':', '_')
  const lock = path.join(shop.dataDir, 'mirrors', host, 'acme/api@101.git/refs/heads/main.lock')
  // Young, it may be that of a git which outlived its runner: the mirror is left to it, and a new one takes its place.
  await writeFile(lock, '')
  expect((await job(2)).result.status).toBe('finished')
  await shop.commit('acme/api', 'main', { 'base.txt': 'y' })
  await writeFile(lock, '')
  await utimes(lock, new Date(0), new Date(0))
  expect((await job(3)).result.status).toBe('finished')
})
