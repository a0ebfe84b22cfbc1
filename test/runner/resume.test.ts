/** Going on with a work branch, checkpoints, rewritten history. */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
const commit = (file: string, message: string): Step[] => [
  { do: 'write', file, text: `${file}\n` },
  { do: 'commit', in: '.', message },
]
const noop: Step = { do: 'report', report: { status: 'noop', summary: 'S', reason: 'R' } }
const log = (branch = BRANCH): Promise<string> => shop.git('acme/api', 'log', '--first-parent', '--format=%s', branch)

async function run(script: readonly Step[], more: Record<string, unknown> = {}) {
  return (await shop.run(shop.spec([shop.leg('acme/api')], script, more))).result
}

test('[JOB-5] a work branch on the remote is continued', async () => {
  await shop.commit('acme/api', BRANCH, { 'one.txt': 'one\n' }, 'One')
  const look: Step = { do: 'sh', script: `cat one.txt > ${shop.dir}/seen; cat $SWITCHYARD_PROMPT_FILE > ${shop.dir}/prompt` }
  const result = await run([look, ...commit('two.txt', 'Two'), success()])
  expect(result).toMatchObject({ status: 'finished', legs: [{ ahead: 2, push: { status: 'pushed' } }] })
  expect(await log()).toBe('Two\nOne\nThe first commit')
  expect(await readFile(`${shop.dir}/seen`, 'utf8')).toBe('one\n')
  expect(await readFile(`${shop.dir}/prompt`, 'utf8')).toContain('already has work of this task')
})

test('[JOB-5] the latest base is merged in when that is clean', async () => {
  await shop.commit('acme/api', BRANCH, { 'one.txt': 'one\n' }, 'One')
  const base = await shop.commit('acme/api', 'main', { 'base.txt': 'base\n' }, 'Base moved')
  const result = await run([
    { do: 'sh', script: 'test -e base.txt && test -e one.txt' },
    ...commit('two.txt', 'Two'),
    success(),
  ])
  expect(result).toMatchObject({ status: 'finished', legs: [{ base, ahead: 3 }] })
  expect(result.legs[0]?.changedFiles.map((file) => file.path)).toEqual(['one.txt', 'two.txt'])
  expect(await log()).toBe(`Two\nMerge branch 'main' into ${BRANCH}\nOne\nThe first commit`)
})

test('[JOB-5] a base that does not merge cleanly is said, and the work goes on without it', async () => {
  await shop.commit('acme/api', BRANCH, { 'src/index.js': 'ours\n' }, 'Ours')
  await shop.commit('acme/api', 'main', { 'src/index.js': 'theirs\n' }, 'Theirs')
  const result = await run([...commit('two.txt', 'Two'), success()])
  expect(result).toMatchObject({ status: 'finished', legs: [{ ahead: 2 }] })
  expect(result.notes.join()).toContain('does not merge cleanly')
})

test('[JOB-5] a resumed branch with nothing ahead of its base is no work: it begins at the base', async () => {
  await shop.commit('acme/api', BRANCH, { 'one.txt': 'one\n' }, 'One')
  await shop.git('acme/api', 'branch', '-f', 'main', BRANCH)
  await shop.commit('acme/api', 'main', { 'base.txt': 'base\n' }, 'Base moved')
  const idle = await run([success()])
  expect(idle).toMatchObject({ status: 'failed', failure: { cause: 'no-changes' }, legs: [{ ahead: 0 }] })
  const worked = await run([...commit('two.txt', 'Two'), success()])
  expect(worked).toMatchObject({ status: 'finished', legs: [{ ahead: 1 }] })
  expect(await log()).toBe('Two\nBase moved\nOne\nThe first commit')
})

test('[JOB-5] the base moved and the work branch was deleted since the mirror was made: it begins anew', async () => {
  await run([...commit('one.txt', 'One'), success()])
  await shop.git('acme/api', 'branch', '-D', BRANCH)
  await shop.commit('acme/api', 'main', { 'base.txt': 'base\n' }, 'Base moved')
  await run([...commit('two.txt', 'Two'), success()])
  expect(await log()).toBe('Two\nBase moved\nThe first commit')
})

test('[JOB-5] nothing to merge and nothing done: a resumed branch is left exactly as it is', async () => {
  const head = await shop.commit('acme/api', BRANCH, { 'one.txt': 'one\n' }, 'One')
  await shop.commit('acme/api', 'main', { 'base.txt': 'base\n' }, 'Base moved')
  expect(await run([noop])).toMatchObject({ status: 'finished', legs: [{ head, ahead: 1, push: { status: 'unchanged' } }] })
  expect(await shop.git('acme/api', 'rev-parse', BRANCH)).toBe(head)
})

test('[JOB-6] checkpoints push what is committed while the agent works, and only that', async () => {
  const wait: Step = { do: 'sh', script: `while test -d ${shop.dir} && test ! -e ${shop.dir}/go; do sleep 0.02; done` }
  const running = run(
    [
      ...commit('one.txt', 'One'),
      { do: 'write', file: 'half.txt', text: 'half' },
      wait,
      ...commit('two.txt', 'Two'),
      success(),
    ],
    {
      limits: { checkpointMs: 1_000 },
    },
  )
  await shop.app.heard((app) => app.tokens.some(({ operation }) => operation === 'push'))
  await pushed()
  expect(await log()).toBe('One\nThe first commit')
  expect(await shop.git('acme/api', 'ls-tree', '--name-only', BRANCH)).not.toContain('half.txt')
  await shop.commit('acme/api', 'other', { x: 'x' })
  await import('node:fs/promises').then(({ writeFile }) => writeFile(`${shop.dir}/go`, ''))
  expect(await running).toMatchObject({ status: 'finished', legs: [{ ahead: 2 }] })
  expect(await log()).toBe('Two\nOne\nThe first commit')
})

test('[JOB-6] a branch that only checkpoints had made, and that ends without a difference, is taken away again', async () => {
  const wait: Step = {
    do: 'sh',
    script: `while test -d ${shop.dir} && test ! -e ${shop.dir}/go; do sleep 0.02; done; git rm -q one.txt; git commit -qm Undone`,
  }
  const running = run([...commit('one.txt', 'One'), wait, noop], { limits: { checkpointMs: 1_000 } })
  await pushed()
  await import('node:fs/promises').then(({ writeFile }) => writeFile(`${shop.dir}/go`, ''))
  expect(await running).toMatchObject({ status: 'finished', legs: [{ head: null, ahead: 0 }] })
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
})

test('[JOB-6] an agent that commits nothing gets no checkpoint', async () => {
  const result = await run([{ do: 'sh', script: 'sleep 2.5' }, noop], { limits: { checkpointMs: 1_000 } })
  expect(result.status).toBe('finished')
  expect(shop.app.tokens.map(({ operation }) => operation)).toEqual(['fetch'])
})

test('[JOB-7] amended and rebased history is put on top of what was pushed, never forced', async () => {
  const old = await shop.commit('acme/api', BRANCH, { 'one.txt': 'one\n' }, 'One')
  const result = await run([{ do: 'sh', script: 'echo better > one.txt; git commit -qa --amend -m "One, better"' }, success()])
  expect(result).toMatchObject({ status: 'finished', legs: [{ ahead: 2 }] })
  expect(result.notes.join()).toContain('rewrote pushed commits')
  expect(await shop.git('acme/api', 'log', '--format=%s', BRANCH)).toBe('One, better\nOne\nThe first commit')
  expect(await shop.git('acme/api', 'rev-parse', `${BRANCH}^`)).toBe(old)
  expect(await shop.git('acme/api', 'show', `${BRANCH}:one.txt`)).toBe('better')
})

test.each([
  ['on a branch of its own', 'git checkout -q -b mine'],
  ['with HEAD detached', 'git checkout -q --detach'],
])('[JOB-7] commits %s are taken', async (_where, script) => {
  expect(await run([{ do: 'sh', script }, ...commit('one.txt', 'One'), success()])).toMatchObject({
    status: 'finished',
    legs: [{ ahead: 1 }],
  })
  expect(await log()).toBe('One\nThe first commit')
})

test('[JOB-7] an agent that ends on the base branch has not lost its commits, and its look there is no edit', async () => {
  expect(await run([...commit('one.txt', 'One'), { do: 'sh', script: 'git checkout -q main' }, success()])).toMatchObject({
    status: 'finished',
    legs: [{ ahead: 1, committedForAgent: [] }],
  })
  expect(await log()).toBe('One\nThe first commit')
})

test('[JOB-7] commits in packs are taken too', async () => {
  const script: Step[] = [
    ...commit('one.txt', 'One'),
    { do: 'sh', script: 'git gc -q' },
    ...commit('two.txt', 'Two'),
    success(),
  ]
  expect(await run(script)).toMatchObject({ status: 'finished', legs: [{ ahead: 2 }] })
  expect(await log()).toBe('Two\nOne\nThe first commit')
})

test('history without a common root is refused clearly and nothing is pushed', async () => {
  const script: Step[] = [{ do: 'sh', script: 'git checkout -q --orphan new; git commit -qm Orphan' }, success()]
  expect(await run(script)).toMatchObject({
    status: 'failed',
    failure: { cause: 'git', message: expect.stringContaining('acme/api') },
  })
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
})

test('a push by a person during the job is kept: ours fails and says so', async () => {
  const wait: Step = {
    do: 'sh',
    script: `touch ${shop.dir}/ready; while test -d ${shop.dir} && test ! -e ${shop.dir}/go; do sleep 0.02; done`,
  }
  const running = run([wait, ...commit('one.txt', 'One'), success()])
  const { access, writeFile } = await import('node:fs/promises')
  while (
    !(await access(`${shop.dir}/ready`).then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 20))
  const theirs = await shop.commit('acme/api', BRANCH, { 'theirs.txt': 'x' }, 'Theirs')
  await writeFile(`${shop.dir}/go`, '')
  expect(await running).toMatchObject({ status: 'failed', failure: { cause: 'git' }, legs: [{ push: { status: 'failed' } }] })
  expect(await shop.git('acme/api', 'rev-parse', BRANCH)).toBe(theirs)
})

async function pushed(): Promise<void> {
  while (!(await shop.git('acme/api', 'branch', '--list', BRANCH))) await new Promise((resolve) => setTimeout(resolve, 20))
}
