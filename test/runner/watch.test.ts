/** Watchdogs and cancellation with real processes. */
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJobStop } from '../../runner/job-stop.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api')
})
afterEach(async () => {
  await shop.close()
})

const commit: Step[] = [
  { do: 'write', file: 'one.txt', text: 'one\n' },
  { do: 'commit', in: '.', message: 'One' },
]
/** Leaves children behind: one in the group, one in a session of its own, both deaf to SIGTERM. */
const children = (): Step => ({
  do: 'sh',
  script: `sh -c 'trap "" TERM; echo $$ > ${shop.dir}/child; while :; do sleep 1; done' & setsid sh -c 'trap "" TERM; echo $$ > ${shop.dir}/stray; while :; do sleep 1; done' & while test ! -s ${shop.dir}/stray -o ! -s ${shop.dir}/child; do sleep 0.02; done`,
})

async function run(script: readonly Step[], limits: Record<string, number> = {}) {
  return (await shop.run(shop.spec([shop.leg('acme/api')], script, { limits: { killGraceMs: 300, ...limits } }))).result
}

async function expectDead(name: string): Promise<void> {
  const id = Number(await readFile(path.join(shop.dir, name), 'utf8'))
  const state = await readFile(`/proc/${id}/stat`, 'utf8').then(
    (stat) => stat.split(') ')[1]?.[0],
    () => 'gone',
  )
  expect(['gone', 'Z', 'X'], name).toContain(state)
}

test.each([
  ['cold start', { coldStartMs: 2_500 }, [], 'timeout-inactivity', 'did not begin'],
  [
    'inactivity',
    { inactivityMs: 1_000 },
    [{ do: 'event', event: { type: 'text', text: 'Hello' } }],
    'timeout-inactivity',
    'wrote nothing',
  ],
  [
    'duration',
    { durationMs: 1_500 },
    [{ do: 'event', event: { type: 'text', text: 'Hello' } }],
    'timeout-duration',
    'longer than',
  ],
] as const)(
  '[JOB-9] %s: the agent and its children are ended, what it committed is pushed, the watchdog owns the cause',
  async (_name, limits, before, cause, words) => {
    // Committing without an event, so that a cold start stays one.
    const quiet: Step = { do: 'sh', script: 'echo one > one.txt; git add -A; git commit -qm One' }
    const result = await run([...before, quiet, children(), { do: 'hang' }], limits)
    expect(result).toMatchObject({
      status: 'failed',
      failure: { cause, message: expect.stringContaining(words) },
      legs: [{ ahead: 1, push: { status: 'pushed' } }],
    })
    await expectDead('child')
    await expectDead('stray')
  },
)

const tool = (id: string): Step => ({
  do: 'event',
  event: { type: 'tool-start', id, name: 'Tool', kind: 'command', detail: id },
})

test('[JOB-9] tool silence: an agent that keeps writing but finishes no tool is ended; what it committed is pushed', async () => {
  const talk = `(while :; do echo still at it; sleep 0.1; done)`
  const result = await run([...commit, tool('1'), { do: 'sh', script: talk }], { toolSilenceMs: 1_500, inactivityMs: 1_000 })
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'timeout-inactivity', message: expect.stringContaining('No tool') },
    legs: [{ ahead: 1, push: { status: 'pushed' } }],
  })
})

test('[JOB-9] an agent that is deaf to SIGTERM is killed after the grace, with its double forks', async () => {
  // The grandchild's parents end at once: it belongs to init, in a session and a group of its own.
  const fork = `setsid sh -c '(setsid sh -c "trap \\"\\" TERM HUP; echo \\$\\$ > ${shop.dir}/grandchild; while :; do sleep 1; done" >/dev/null 2>&1 &) ' & while test ! -s ${shop.dir}/grandchild; do sleep 0.02; done`
  const result = await run([...commit, { do: 'deaf' }, { do: 'sh', script: fork }, { do: 'hang' }], { inactivityMs: 1_000 })
  expect(result).toMatchObject({ status: 'failed', failure: { message: expect.stringContaining('wrote nothing') } })
  await expectDead('grandchild')
})

test('[JOB-9] an agent that closed its output and stays is ended like a silent one', async () => {
  const result = await run([...commit, { do: 'close-output' }, { do: 'hang' }], { inactivityMs: 1_000 })
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'timeout-inactivity', message: expect.stringContaining('wrote nothing') },
    legs: [{ push: { status: 'pushed' } }],
  })
})

test('[JOB-9] an agent that ends by itself leaves no children either', async () => {
  expect(await run([...commit, children(), success()])).toMatchObject({ status: 'finished' })
  await expectDead('child')
  await expectDead('stray')
})

test('[RUN-7] a cancelled job: the process tree is dead within 10 s, nothing is pushed, the result says why', async () => {
  const running = run([...commit, children(), { do: 'hang' }])
  await exists('stray')
  const before = Date.now()
  shop.app.cancel('Stopped by ada')
  const result = await running
  expect(Date.now() - before).toBeLessThan(10_000)
  expect(result).toMatchObject({ status: 'cancelled', reason: 'Stopped by ada' })
  await expectDead('child')
  await expectDead('stray')
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
})

test('[RUN-6] a paused job: the agent is stopped, what it committed and what it left is pushed, and only then is it over', async () => {
  const half: Step = { do: 'write', file: 'half.txt', text: 'half' }
  const running = run([...commit, half, children(), { do: 'hang' }])
  await exists('stray')
  shop.app.cancel('Paused by ada', true)
  expect(await running).toMatchObject({
    status: 'cancelled',
    reason: 'Paused by ada',
    legs: [{ ahead: 2, push: { status: 'pushed' }, committedForAgent: ['half.txt'] }],
  })
  expect(await shop.git('acme/api', 'ls-tree', '--name-only', 'switchyard/run1')).toContain('half.txt')
  await expectDead('child')
  await expectDead('stray')
})

test('[RUN-6] a paused job whose push is refused ends all the same, and says which leg was not kept', async () => {
  const refusing = await openWorkshop({ token: ({ operation }) => (operation === 'push' ? 409 : shop.server.token) })
  try {
    await refusing.repository('acme/api')
    const ready: Step = { do: 'sh', script: `touch ${refusing.dir}/ready` }
    const running = refusing.run(refusing.spec([refusing.leg('acme/api')], [...commit, ready, { do: 'hang' }]))
    await exists('ready', refusing.dir)
    refusing.app.cancel('Paused by ada', true)
    expect((await running).result).toMatchObject({ status: 'cancelled', legs: [{ push: { status: 'failed' } }] })
    expect(await refusing.git('acme/api', 'branch', '--list')).toBe('* main')
  } finally {
    await refusing.close()
  }
})

test('[JOB-10] a runner that shuts down pushes what is there and gives no result', async () => {
  const stop = createJobStop()
  const running = shop.run(
    shop.spec([shop.leg('acme/api')], [...commit, { do: 'write', file: 'half.txt', text: 'half' }, children(), { do: 'hang' }]),
    {},
    stop,
  )
  await exists('stray')
  stop.stop({ kind: 'shutdown' })
  expect((await running).ending).toBe('hand-back')
  expect(shop.app.results).toEqual([])
  expect(await shop.git('acme/api', 'ls-tree', '--name-only', 'switchyard/run1')).toContain('half.txt')
  await expectDead('stray')
})

test('a job that was taken over by another runner is dropped: no push, no result', async () => {
  const stop = createJobStop()
  const running = shop.run(shop.spec([shop.leg('acme/api')], [...commit, children(), { do: 'hang' }]), {}, stop)
  await exists('stray')
  stop.stop({ kind: 'lost' })
  expect((await running).ending).toBe('lost')
  expect(shop.app.results).toEqual([])
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
  await expectDead('stray')
})

test('[JOB-3] what the agent says arrives in the app’s log, in order and redacted', async () => {
  const say = (text: string): Step => ({ do: 'event', event: { type: 'text', text } })
  expect(await run([say('first'), say(`the token is ${shop.server.token}`), say('last'), ...commit, success()])).toMatchObject({
    status: 'finished',
  })
  const lines = shop.app.progress.flatMap(({ log }) => log)
  expect(lines.map(({ text }) => text)).toEqual(['first', 'the token is [redacted]', 'last', 'One'])
  expect(lines.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
})

async function exists(name: string, dir = shop.dir): Promise<void> {
  while (
    !(await access(path.join(dir, name)).then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 20))
}
