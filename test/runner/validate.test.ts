/** Jobs without an agent: the commands of the configuration, in checkouts of real git. */
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TEST_TOKEN } from '../support/git-server.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

let shop: Workshop
let head: string
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
  head = await shop.commit('acme/api', BRANCH, { 'new.txt': 'new\n' })
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
type Command = { name: string; run: string; repository?: string; timeoutMs?: number }

function validate(commands: readonly Command[], legs = [shop.leg('acme/api', { access: 'read', head })], more = {}) {
  return shop.spec(legs, [], { mode: 'validate', validation: commands, limits: { killGraceMs: 300 }, ...more })
}
const run = async (...given: Parameters<typeof validate>) => (await shop.run(validate(...given))).result

/** The checks of a job that is finished. */
function checksOf(result: Awaited<ReturnType<typeof run>>) {
  if (result.status !== 'finished') throw new Error(JSON.stringify(result))
  expect(result.report.status).toBe('success')
  return result.report.checks ?? []
}

test('[STP-11] every command runs by a shell at the head of the work branch, also after a red one, and nothing is pushed', async () => {
  const result = await run([
    { name: 'there', run: 'cat new.txt && git rev-parse HEAD' },
    { name: 'red', run: 'echo to stdout; echo to stderr >&2; exit 3' },
    { name: 'writes', run: 'echo x > new.txt && git commit -qam Mine && echo "$HOME"' },
  ])
  const checks = checksOf(result)
  expect(checks).toEqual([
    { command: 'there', ok: true, output: `$ cat new.txt && git rev-parse HEAD\nnew\n${head}\n` },
    { command: 'red', ok: false, output: expect.stringContaining('It ended with exit code 3.') },
    { command: 'writes', ok: true, output: expect.stringContaining('/home\n') },
  ])
  expect(checks[1]?.output).toContain('to stdout\n')
  expect(checks[1]?.output).toContain('to stderr\n')
  expect(result.legs).toMatchObject([{ head, ahead: 1, push: { status: 'unchanged' } }])
  expect(await shop.git('acme/api', 'rev-parse', BRANCH)).toBe(head)
  expect(shop.app.tokens.map(({ operation }) => operation)).toEqual(['fetch'])
  expect(shop.app.progress.flatMap(({ log }) => log.map(({ kind }) => kind))).toEqual([
    'tool',
    'result',
    'tool',
    'error',
    'tool',
    'result',
  ])
})

test('[STP-11] in every changed repository, side by side, or only in the one it names', async () => {
  await shop.repository('acme/shop')
  await shop.repository('acme/docs')
  const other = await shop.commit('acme/shop', BRANCH, { 'new.txt': 'shop\n' })
  const legs = [
    shop.leg('acme/api', { access: 'read', head }),
    shop.leg('acme/shop', { access: 'read', head: other }),
    shop.leg('acme/docs', { access: 'read' }),
  ]
  const result = await run(
    [
      { name: 'all', run: 'cat new.txt' },
      { name: 'one', repository: 'Acme/Shop', run: 'cat ../acme__api/new.txt' },
      { name: 'none', repository: 'acme/docs', run: 'false' },
    ],
    legs,
  )
  expect(checksOf(result)).toEqual([
    { command: 'all (acme/api)', ok: true, output: '$ cat new.txt\nnew\n' },
    { command: 'all (acme/shop)', ok: true, output: '$ cat new.txt\nshop\n' },
    { command: 'one (acme/shop)', ok: true, output: '$ cat ../acme__api/new.txt\nnew\n' },
  ])
  expect(result.notes.join()).toContain('"none" was not run: acme/docs is not changed.')
})

test('[STP-11] a command that takes too long is ended with its children, and is red with what it wrote', async () => {
  const stuck = `echo so far; sh -c 'trap "" TERM; echo $$ > ${shop.dir}/child; while :; do sleep 1; done' & setsid sh -c 'trap "" TERM; echo $$ > ${shop.dir}/stray; while :; do sleep 1; done' & trap "" TERM; wait`
  const result = await run([
    { name: 'stuck', run: stuck, timeoutMs: 1_500 },
    { name: 'after', run: 'true' },
  ])
  expect(checksOf(result)).toEqual([
    { command: 'stuck', ok: false, output: `$ ${stuck}\nso far\nIt was stopped after 1.5 s, its time-out.\n` },
    { command: 'after', ok: true, output: '$ true\n' },
  ])
  await expectDead('child')
  await expectDead('stray')
})

test('[STP-11] a child that outlives its command is ended too, and holds nothing up', async () => {
  const result = await run([{ name: 'daemon', run: `sleep 600 & echo $! > ${shop.dir}/child; echo begun` }])
  expect(checksOf(result)).toEqual([{ command: 'daemon', ok: true, output: expect.stringMatching(/\nbegun\n$/) }])
  await expectDead('child')
})

test('[STP-11] a command that cannot start is red with the reason', async () => {
  const legs = [shop.leg('acme/api', { access: 'read', head, directory: 'not/there' })]
  // With several legs nobody needs the directory before the command does.
  await shop.repository('acme/docs')
  const result = await run([{ name: 'tests', run: 'true' }], [...legs, shop.leg('acme/docs', { access: 'read' })])
  expect(checksOf(result)).toEqual([
    { command: 'tests', ok: false, output: expect.stringContaining('It could not be started: ') },
  ])
})

test('[STP-11] no token is in the environment; one in the output is redacted, and only the end of a long output is kept', async () => {
  const result = await run([
    { name: 'env', run: 'env' },
    { name: 'leak', run: `echo ${TEST_TOKEN}` },
    { name: 'long', run: 'i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i+1)); done; exit 1' },
  ])
  const [env, leak, long] = checksOf(result)
  expect(env?.output).not.toContain(TEST_TOKEN)
  expect(env?.output).not.toMatch(/redacted|TOKEN|SECRET/)
  expect(leak?.output).toBe('$ echo [redacted]\n[redacted]\n')
  expect(long?.output).toHaveLength(10_000)
  expect(long?.output).toMatch(/line 3999\nIt ended with exit code 1\.\n$/)
})

test('[RUN-7] a cancelled job: the command’s process group is dead, the rest is left out', async () => {
  const wait = `echo $$ > ${shop.dir}/child; trap "" TERM; while :; do sleep 1; done`
  const running = run([
    { name: 'waits', run: wait },
    { name: 'never', run: `touch ${shop.dir}/never` },
  ])
  await exists('child')
  shop.app.cancel('Stopped by ada')
  expect(await running).toMatchObject({ status: 'cancelled', reason: 'Stopped by ada' })
  await expectDead('child')
  await expect(access(`${shop.dir}/never`)).rejects.toThrow()
})

async function expectDead(name: string): Promise<void> {
  const id = Number(await readFile(path.join(shop.dir, name), 'utf8'))
  const state = await readFile(`/proc/${id}/stat`, 'utf8').then(
    (stat) => stat.split(') ')[1]?.[0],
    () => 'gone',
  )
  expect(['gone', 'Z', 'X'], name).toContain(state)
}

async function exists(name: string): Promise<void> {
  const there = () =>
    readFile(path.join(shop.dir, name), 'utf8').then(
      (text) => text !== '',
      () => false,
    )
  while (!(await there())) await new Promise((resolve) => setTimeout(resolve, 20))
}
