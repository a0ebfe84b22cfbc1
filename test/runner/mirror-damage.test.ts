/** A mirror that is broken, half there or gone, before a job and while one works: repaired, never a wrong result. */
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
let mirror: string
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api', { 'README.md': '#\n', 'src/index.js': '1\n', 'src/deep/a.js': 'a\n' })
  mirror = path.join(shop.dataDir, 'mirrors', new URL(shop.server.url).host.replace(':', '_'), 'acme/api@101.git')
})
afterEach(async () => {
  await shop.close()
})

const edit = (branch: string): Step[] => [{ do: 'write', file: 'src/new.js', text: `${branch}\n` }, success()]
async function job(branch: string, script: readonly Step[] = edit(branch), leg: Record<string, unknown> = {}) {
  return (await shop.run(shop.spec([shop.leg('acme/api', { workBranch: branch, ...leg })], script))).result
}
const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: mirror })).stdout

async function packs(): Promise<string[]> {
  const folder = path.join(mirror, 'objects/pack')
  return (await readdir(folder)).filter((name) => name.endsWith('.pack')).map((name) => path.join(folder, name))
}

async function truncatePack(): Promise<void> {
  await git('repack', '-adq')
  for (const pack of await packs()) await truncate(pack, Math.floor((await stat(pack)).size / 2))
}

async function looseObject(name: string): Promise<string> {
  const id = await git('rev-parse', name)
  return path.join(mirror, 'objects', id.slice(0, 2), id.slice(2))
}

const damages: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['a pack cut in half', truncatePack],
  [
    'a pack without its index',
    async () => {
      await git('repack', '-adq')
      for (const pack of await packs()) await rm(pack.replace(/pack$/, 'idx'))
    },
  ],
  ['a file’s content missing', async () => rm(await looseObject('main:src/index.js'))],
  ['a folder’s tree missing', async () => rm(await looseObject('main:src/deep'))],
  ['the newest commit missing', async () => rm(await looseObject('main'))],
  [
    'an object of nonsense',
    async () => {
      const file = await looseObject('main:README.md')
      await rm(file)
      await writeFile(file, 'nonsense')
    },
  ],
  [
    'an empty object',
    async () => {
      const file = await looseObject('main:README.md')
      await rm(file)
      await writeFile(file, '')
    },
  ],
  ['an empty ref', () => writeFile(path.join(mirror, 'refs/heads/main'), '')],
  ['a ref of nonsense', () => writeFile(path.join(mirror, 'refs/heads/main'), 'nonsense\n')],
  ['a ref to a commit that nobody has', () => writeFile(path.join(mirror, 'refs/heads/main'), `${'1'.repeat(40)}\n`)],
  [
    'nothing in it',
    async () => {
      for (const name of await readdir(mirror)) await rm(path.join(mirror, name), { recursive: true })
    },
  ],
  ['no objects', () => rm(path.join(mirror, 'objects'), { recursive: true })],
  ['a config of nonsense', () => writeFile(path.join(mirror, 'config'), '[core\n')],
  [
    'a file in its place',
    async () => {
      await rm(mirror, { recursive: true })
      await writeFile(mirror, '')
    },
  ],
  ['gone', () => rm(mirror, { recursive: true })],
]

test.each(damages)('[JOB-8] a mirror with %s is cloned anew, and the job’s result is right', async (_what, damage) => {
  expect((await job('switchyard/1')).status).toBe('finished')
  await damage()
  const moved = await shop.commit('acme/api', 'main', { 'base.txt': 'moved\n' })
  const result = await job('switchyard/2')
  expect(result, JSON.stringify(result)).toMatchObject({
    status: 'finished',
    legs: [{ base: moved, ahead: 1, push: { status: 'pushed' } }],
  })
  const listed = await shop.git('acme/api', 'ls-tree', '-r', '--name-only', 'switchyard/2')
  expect(listed.split('\n')).toEqual(['README.md', 'base.txt', 'src/deep/a.js', 'src/index.js', 'src/new.js'])
  expect(await shop.git('acme/api', 'diff', '--name-only', 'main', 'switchyard/2')).toBe('src/new.js')
  await git('archive', '-o', path.join(shop.dir, 'whole.tar'), 'main')
  // And it is as good as any: the next job takes it as it is.
  const inode = (await stat(mirror)).ino
  expect((await job('switchyard/3')).status).toBe('finished')
  expect((await stat(mirror)).ino).toBe(inode)
})

test('a branch that is gone on the remote is not in the way of one below its name', async () => {
  await shop.commit('acme/api', 'release', { 'one.txt': '1\n' })
  expect((await job('switchyard/1', edit('1'), { baseBranch: 'release' })).status).toBe('finished')
  await shop.git('acme/api', 'branch', '-m', 'release', 'release/2')
  expect((await job('switchyard/2', edit('2'), { baseBranch: 'release/2' })).status).toBe('finished')
})

test('what a clone that was killed left behind is cleared away, in the mirror and beside it', async () => {
  await job('switchyard/1')
  const half = path.join(mirror, 'objects/pack/tmp_pack_abc')
  await writeFile(half, 'half')
  await execa('touch', ['-d', '1 hour ago', half])
  await execa('cp', ['-r', mirror, `${mirror}.new`])
  await rm(path.join(mirror, 'HEAD'))
  expect((await job('switchyard/2')).status).toBe('finished')
  expect(await readdir(path.dirname(mirror))).toEqual(['api@101.git', 'api@101.git.leases'])
  expect(await readdir(path.join(mirror, 'objects/pack'))).not.toContain('tmp_pack_abc')
})

test.each([
  ['vanished', (): string => `rm -rf ${mirror}`],
  [
    'a pack cut in half',
    (): string =>
      `git -C ${mirror} repack -adq; for p in ${mirror}/objects/pack/*.pack; do chmod u+w $p; truncate -s 50 $p; done`,
  ],
])('a mirror that is %s while a job works on it: the work is taken all the same', async (_what, damage) => {
  const script: Step[] = [
    { do: 'write', file: 'src/one.js', text: 'one\n' },
    { do: 'commit', in: '.', message: 'One' },
    { do: 'sh', script: damage() },
    { do: 'write', file: 'src/index.js', text: '2\n' },
    { do: 'write', file: 'src/two.js', text: 'two\n' },
    success(),
  ]
  const result = await job('switchyard/1', script)
  expect(result, JSON.stringify(result)).toMatchObject({
    status: 'finished',
    legs: [{ ahead: 2, committedForAgent: ['src/index.js', 'src/two.js'], push: { status: 'pushed' } }],
  })
  expect((await shop.git('acme/api', 'diff', '--name-only', 'main', 'switchyard/1')).split('\n')).toEqual([
    'src/index.js',
    'src/one.js',
    'src/two.js',
  ])
  expect(shop.logged.map(({ message }) => message)).toContain('mirror was lost during the job and was cloned anew')
})

test('[JOB-5] a mirror that vanishes while a job works on its branch merged with the base: merge and work are taken all the same', async () => {
  await job('switchyard/1', [{ do: 'write', file: 'README.md', text: '# Ours\n' }, success()])
  const moved = await shop.commit('acme/api', 'main', { 'base.txt': 'moved\n' })
  const script: Step[] = [
    { do: 'write', file: 'src/one.js', text: 'one\n' },
    { do: 'commit', in: '.', message: 'One' },
    { do: 'sh', script: `rm -rf ${mirror}` },
    { do: 'write', file: 'src/two.js', text: 'two\n' },
    success(),
  ]
  const result = await job('switchyard/1', script)
  expect(result, JSON.stringify(result)).toMatchObject({
    status: 'finished',
    legs: [{ base: moved, committedForAgent: ['src/two.js'], push: { status: 'pushed' } }],
  })
  const changed = await shop.git('acme/api', 'diff', '--name-only', 'main', 'switchyard/1')
  expect(changed.split('\n')).toEqual(['README.md', 'src/one.js', 'src/two.js'])
  expect(await shop.git('acme/api', 'log', '--merges', '--format=%s', 'switchyard/1')).toBe(
    "Merge branch 'main' into switchyard/1",
  )
  expect(shop.logged.map(({ message }) => message)).toContain('mirror was lost during the job and was cloned anew')
})

test('a mirror that vanishes while a job works is there again for its agent after the next checkpoint', {
  timeout: 90_000,
}, async () => {
  const script: Step[] = [
    { do: 'write', file: 'src/one.js', text: 'one\n' },
    { do: 'commit', in: '.', message: 'One' },
    { do: 'sh', script: `rm -rf ${mirror}; while ! git log --oneline > ${shop.dir}/log 2>/dev/null; do sleep 0.05; done` },
    success(),
  ]
  const spec = shop.spec([shop.leg('acme/api')], script, { limits: { checkpointMs: 1_000 } })
  const { result } = await shop.run(spec)
  expect(result.status, JSON.stringify([result, shop.logged])).toBe('finished')
  expect(await readFile(`${shop.dir}/log`, 'utf8')).toMatch(/One\n.* The first commit/)
})
