/** Jobs that resolve a conflict with the base branch: a whole merge is pushed, or nothing is (GATE-6). */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJobStop } from '../../runner/job-stop.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
/** Where the work branch and the base stand when the job begins. */
let ours: string
let theirs: string
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
  ours = await shop.commit('acme/api', BRANCH, { 'src/index.js': 'ours\n', 'kept.txt': 'kept\n' }, 'Ours')
  theirs = await shop.commit('acme/api', 'main', { 'src/index.js': 'theirs\n', 'fresh.txt': 'fresh\n' }, 'Theirs')
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
const sh = (script: string): Step => ({ do: 'sh', script })
const MERGE = sh('git merge -q origin/main || true')
const RESOLVE = sh('echo both > src/index.js && git add -A && git commit -qm "Merge main"')

async function run(script: readonly Step[], legs = [shop.leg('acme/api')], more: Record<string, unknown> = {}) {
  return (await shop.run(shop.spec(legs, script, { mergesBase: true, role: 'resolver', ...more }))).result
}
const git = (...args: string[]): Promise<string> => shop.git('acme/api', ...args)

/** The job failed with `conflict`, and the remote is as it was. */
async function expectRefused(result: Awaited<ReturnType<typeof run>>, ...words: string[]): Promise<void> {
  expect(result).toMatchObject({ status: 'failed', failure: { cause: 'conflict' } })
  for (const leg of result.legs) expect(leg.push).toEqual({ status: 'unchanged' })
  if (result.status === 'failed') for (const word of words) expect(result.failure.message).toContain(word)
  expect(await git('rev-parse', BRANCH)).toBe(ours)
  expect(shop.app.tokens.map(({ operation }) => operation)).not.toContain('push')
}

test('[GATE-6] the resolver finds the newest base as origin/main; its merge commit is pushed as it is, on top of what was there', async () => {
  const look = sh(`git rev-parse origin/main > ${shop.dir}/base; cat $SWITCHYARD_PROMPT_FILE > ${shop.dir}/prompt`)
  const result = await run([look, MERGE, RESOLVE, success()])
  expect(result).toMatchObject({ status: 'finished', legs: [{ base: theirs, ahead: 2, push: { status: 'pushed' } }] })
  expect(await git('log', '-1', '--format=%s %P', BRANCH)).toBe(`Merge main ${ours} ${theirs}`)
  expect(await git('show', `${BRANCH}:src/index.js`)).toBe('both')
  expect(await git('show', `${BRANCH}:fresh.txt`)).toBe('fresh')
  expect((await readFile(`${shop.dir}/base`, 'utf8')).trim()).toBe(theirs)
  const prompt = await readFile(`${shop.dir}/prompt`, 'utf8')
  expect(prompt).toContain('acme/api, in ')
  expect(prompt).toContain('`git merge origin/main`')
})

test('[GATE-6] conflict markers that are left fail the job with their paths, and nothing is pushed', async () => {
  const result = await run([MERGE, sh('git add -A && git commit -qm "Merge main"'), success()])
  await expectRefused(result, 'acme/api: there are conflict markers in src/index.js')
})

test.each([
  ['the last of the three lines', '>>>>>>> origin/main'],
  ['the line in the middle, with a carriage return', '=======\r'],
  ['the line before the common ancestor', '||||||| 1234567'],
])('[GATE-6] %s is a marker too', async (_which, line) => {
  const file: Step = { do: 'write', file: 'src/index.js', text: `both\n${line}\nmore\n` }
  await expectRefused(await run([MERGE, file, sh('git commit -qam "Merge main"'), success()]), 'src/index.js')
})

test('[GATE-6] a text about merging that was there before is no conflict', async () => {
  const text = '# Merging\n\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> main\n'
  const base = await shop.commit('acme/api', 'main', { 'docs/merging.md': text })
  expect(await run([MERGE, RESOLVE, success()])).toMatchObject({ status: 'finished', legs: [{ base }] })
  expect(await git('show', `${BRANCH}:docs/merging.md`)).toBe(text.trimEnd())
})

test.each([
  ['the agent did nothing', []],
  ['it took the base’s files without its history', [sh('git checkout -q origin/main -- . && git commit -qm "Take theirs"')]],
  ['it left the merge uncommitted', [MERGE, sh('echo both > src/index.js && git add -A')]],
  ['it left unmerged paths', [MERGE]],
])('[GATE-6] a work branch without the base’s newest commit fails the job: %s', async (_how, script) => {
  await expectRefused(await run([...script, success()]), 'acme/api: main', `is not in the history of ${BRANCH}`)
})

test('[GATE-6] a resolver that rebases is not let to force: its files come as one merge on top of what was there', async () => {
  const rebase = sh(
    'git rebase -q origin/main || { echo both > src/index.js; git add -A; GIT_EDITOR=: git rebase --continue; }',
  )
  const result = await run([rebase, success()])
  expect(result).toMatchObject({ status: 'finished', legs: [{ push: { status: 'pushed' } }] })
  expect(await git('log', '-1', '--format=%P', BRANCH)).toBe(`${ours} ${theirs}`)
  expect(await git('show', `${BRANCH}:src/index.js`)).toBe('both')
  expect(await git('show', `${BRANCH}:kept.txt`)).toBe('kept')
})

test('[GATE-6] one leg that is not merged keeps back the other, and is the one that is named', async () => {
  await shop.repository('acme/shop')
  await shop.commit('acme/shop', BRANCH, { 'src/index.js': 'ours\n' })
  await shop.commit('acme/shop', 'main', { 'src/index.js': 'theirs\n' })
  const inApi = sh('cd acme__api; git merge -q origin/main || true; echo both > src/index.js; git commit -qam Merged')
  const result = await run([inApi, success()], [shop.leg('acme/api'), shop.leg('acme/shop')])
  await expectRefused(result, 'acme/shop: main')
  if (result.status === 'failed') expect(result.failure.message).not.toContain('acme/api')
})

test('[GATE-6] a base that merges cleanly by now is merged and pushed, whatever the agent finds to do', async () => {
  await shop.commit('acme/api', 'main', { 'src/index.js': 'export const answer = 41\n' }, 'Taken back')
  await shop.repository('acme/docs')
  const noop: Step = { do: 'report', report: { status: 'noop', summary: 'S', reason: 'It is merged already.' } }
  const result = await run([noop], [shop.leg('acme/api'), shop.leg('acme/docs')])
  expect(result).toMatchObject({ status: 'finished', legs: [{ push: { status: 'pushed' } }, { head: null }] })
  expect(await git('log', '-1', '--format=%s', BRANCH)).toBe(`Merge branch 'main' into ${BRANCH}`)
  expect(await shop.git('acme/docs', 'branch', '--list')).toBe('* main')
})

test('a resolver that asks a person which side is meant has not failed', async () => {
  const ask = { status: 'needs-decision', summary: 'S', question: 'Ours or theirs?', options: ['ours', 'theirs'] }
  const result = await run([MERGE, { do: 'report', report: ask }])
  expect(result).toMatchObject({ status: 'finished', report: { status: 'needs-decision' } })
  expect(await git('rev-parse', BRANCH)).toBe(ours)
})

test('a merge that is half done is neither a checkpoint nor kept when the job is paused or handed back', async () => {
  const half = [MERGE, sh(`git add -A && git commit -qm Half && touch ${shop.dir}/ready`), { do: 'hang' } as const]
  const running = run(half, [shop.leg('acme/api')], { limits: { checkpointMs: 1_000, killGraceMs: 300 } })
  await ready()
  shop.app.cancel('Paused by ada', true)
  expect(await running).toMatchObject({ status: 'cancelled', legs: [{ head: ours, push: { status: 'unchanged' } }] })
  expect(await git('rev-parse', BRANCH)).toBe(ours)
})

test('a runner that shuts down in the middle of a merge pushes nothing of it', async () => {
  const stop = createJobStop()
  const half = [MERGE, sh(`touch ${shop.dir}/ready`), { do: 'hang' } as const]
  const running = shop.run(shop.spec([shop.leg('acme/api')], half, { mergesBase: true }), {}, stop)
  await ready()
  stop.stop({ kind: 'shutdown' })
  expect((await running).ending).toBe('hand-back')
  expect(await git('rev-parse', BRANCH)).toBe(ours)
})

async function ready(): Promise<void> {
  const there = () =>
    readFile(`${shop.dir}/ready`).then(
      () => true,
      () => false,
    )
  while (!(await there())) await new Promise((resolve) => setTimeout(resolve, 20))
}
