/** Work over the output limits: it stays here, the rest is pushed, and a person's word brings it out (GRD-2). */
import { rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
  await shop.repository('acme/shop')
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
const OUTPUT = { patchBytes: 4_000, files: 3, fileBytes: 2_000 }
const sh = (script: string): Step => ({ do: 'sh', script })
/** Random text does not shrink. */
const random = (bytes: number, file: string) => `head -c ${bytes} /dev/urandom | od -An -tx1 -v | head -c ${bytes} > ${file}`
const commit = (script: string): Step => sh(`${script}; git add -A; git commit -qm Work`)
const branches = (name: string) => shop.git(name, 'branch', '--list', BRANCH)

async function one(script: readonly Step[], more: Record<string, unknown> = {}) {
  return (await shop.run(shop.spec([shop.leg('acme/api')], script, { output: OUTPUT, ...more }))).result
}

test.each([
  ['a file that is too large', random(2_001, 'big.txt'), { files: 1, fileBytes: 2_001 }],
  ['too many files', 'for n in 1 2 3 4; do echo $n > $n.txt; done', { files: 4, fileBytes: 2 }],
  [
    'a patch that is too large, of files that are not',
    `for n in 1 2 3; do ${random(1_900, '$n.txt')}; done`,
    { files: 3, fileBytes: 1_900 },
  ],
])('[GRD-2] %s is held: nothing is on the remote, and the numbers are told', async (_what, script, measured) => {
  const result = await one([commit(script), success()])
  expect(result).toMatchObject({
    status: 'finished',
    legs: [{ head: null, ahead: 0, push: { status: 'held', measured, limits: OUTPUT } }],
  })
  expect(await branches('acme/api')).toBe('')
  expect(shop.app.tokens.map(({ operation }) => operation)).not.toContain('push')
})

test('[GRD-2] what is exactly at the limits is pushed; so is a deletion of something larger', async () => {
  await shop.commit('acme/api', 'main', { 'old.txt': 'x\n'.repeat(900) })
  const script = `git rm -q old.txt; ${random(2_000, 'a.txt')}; echo b > b.txt`
  expect(await one([commit(script), success()], { output: { ...OUTPUT, patchBytes: 8_000 } })).toMatchObject({
    legs: [{ push: { status: 'pushed' }, ahead: 1 }],
  })
})

test('[GRD-2] the other leg is pushed; let through, the held one is too, without an agent', async () => {
  const legs = [shop.leg('acme/api'), shop.leg('acme/shop')]
  const script = `cd acme__api; ${random(3_000, 'big.txt')}; git add -A; git commit -qm Big; cd ../acme__shop; echo x > x; git add -A; git commit -qm Small`
  const { result } = await shop.run(shop.spec(legs, [sh(script), success()], { output: OUTPUT }))
  expect(result).toMatchObject({
    status: 'finished',
    legs: [{ push: { status: 'held', largest: [{ path: 'big.txt', bytes: 3_000 }] } }, { push: { status: 'pushed' } }],
  })
  expect(await branches('acme/api')).toBe('')
  expect(await branches('acme/shop')).toContain(BRANCH)

  const again = [sh(`touch ${shop.dir}/worked`), success({ summary: 'Again.' })]
  const raised = { ...OUTPUT, patchBytes: 8_000, fileBytes: 3_000 }
  const second = await shop.run(shop.spec(legs, again, { id: 'run1-code-2', epoch: 2, output: raised, pushes: 'run1-code-1' }))
  expect(second.result).toMatchObject({
    status: 'finished',
    report: { summary: 'Done.' },
    usage: {},
    legs: [
      { push: { status: 'pushed' }, ahead: 1 },
      { push: { status: 'pushed' }, ahead: 1 },
    ],
  })
  expect(await shop.git('acme/api', 'log', '-1', '--format=%s', BRANCH)).toBe('Big')
  await expect(import('node:fs/promises').then(({ stat }) => stat(`${shop.dir}/worked`))).rejects.toThrow('ENOENT')
})

test('[GRD-2] let through where the runner has the work no more, it is done again', async () => {
  const script = [commit(random(3_000, 'big.txt')), success()]
  expect(await one(script)).toMatchObject({ legs: [{ push: { status: 'held' } }] })
  await rm(`${shop.dataDir}/workspaces/run1-code`, { recursive: true })
  const raised = { ...OUTPUT, patchBytes: 8_000, fileBytes: 3_000 }
  expect(await one(script, { id: 'run1-code-2', output: raised, pushes: 'run1-code-1' })).toMatchObject({
    status: 'finished',
    legs: [{ push: { status: 'pushed' }, ahead: 1 }],
  })
})

test('[GRD-2] without a person’s word the held work is not in the next job', async () => {
  await one([commit(random(3_000, 'big.txt')), success()])
  const result = await one([commit('test ! -e big.txt && echo small > small.txt'), success()], { id: 'run1-code-2' })
  expect(result).toMatchObject({ legs: [{ push: { status: 'pushed' }, changedFiles: [{ path: 'small.txt' }] }] })
})

test('[GRD-2] what was on the branch before is not the job’s: only what it adds is measured', async () => {
  await shop.commit('acme/api', BRANCH, { 'big.txt': 'x'.repeat(9_000) })
  expect(await one([commit('echo x > x.txt'), success()])).toMatchObject({ legs: [{ push: { status: 'pushed' }, ahead: 2 }] })
})

test('[GRD-2] a checkpoint over the limits is not pushed either, and the log says so', async () => {
  const wait = sh(`while test -d ${shop.dir} && test ! -e ${shop.dir}/go; do sleep 0.02; done`)
  const running = one([commit(random(3_000, 'big.txt')), wait, success()], { limits: { checkpointMs: 1_000 } })
  await expect
    .poll(() => shop.logged.filter(({ message }) => message === 'checkpoint over the output limits, not pushed'), {
      timeout: 20_000,
    })
    .toMatchObject([{ level: 'info', fields: { repo: 'acme/api', measured: { fileBytes: 3_000 }, limits: OUTPUT } }])
  await writeFile(`${shop.dir}/go`, '')
  expect(await running).toMatchObject({ legs: [{ push: { status: 'held' } }] })
  expect(await branches('acme/api')).toBe('')
})
