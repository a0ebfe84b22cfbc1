/** What is answered once, how often, and where; and what ends a run besides its verb. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunId } from '../../src/contract/ids.ts'
import { handleCheckButton, handleCheckRerequested } from '../../src/webhooks/handle/check-wishes.ts'
import { handleIssueClosed } from '../../src/webhooks/handle/hints.ts'
import { handleStartWithdrawn, noteLabelTaken } from '../../src/webhooks/handle/start-withdrawn.ts'
import { WITHIN_MS, WORDS_MAX } from '../../src/webhooks/handle/word-limit.ts'
import { API } from '../github-client/connect.ts'
import { queuedRun, story } from '../support/example-runs.ts'
import { type ControlStage, startControlStage } from './stage.ts'

let stage: ControlStage
beforeAll(async () => {
  stage = await startControlStage()
})
afterAll(() => stage.stop())

const source = () => ({ delivery: randomBytes(8).toString('hex'), index: 0 })
const repositoryId = () => stage.on.local.inspect().repository(API).id
const state = async (run: RunId | null) => (run === null ? null : (await stage.read(run)).status.state)

test('[CMD-5] an edited comment runs only what the edit added, once; several commands run in order', async () => {
  const { number, run } = await stage.task(story('coding').run)
  const wes = stage.person('wes')
  const first = await stage.say(number, wes, '/yard pause\n/yard help merge')
  expect(first.replies).toHaveLength(1)
  expect(await state(run)).toBe('paused')
  const body = '/yard pause\n/yard help merge\n/yard resume'
  const edited = { commentId: first.commentId, before: '/yard pause\n/yard help merge' }
  expect((await stage.say(number, wes, body, edited)).replies).toEqual([])
  expect(await state(run)).toBe('active')
  await stage.say(number, wes, body, { commentId: first.commentId, before: body })
  expect(await state(run)).toBe('active')
  await stage.say(number, wes, '/yard stop\n/yard pause')
  expect(await state(run)).toBe('stopped')
})

test('[CMD-4] an unknown verb gets the nearest, an outsider’s twentieth command no twentieth comment', async () => {
  const { number } = await stage.task(queuedRun())
  expect((await stage.say(number, stage.person('wes'), '/yard aprove')).replies.join()).toContain(
    'Did you mean `/yard approve`?',
  )
  const eve = stage.person('eve')
  const said = []
  for (let n = 0; n < 20; n += 1) said.push(await stage.say(number, eve, n % 2 === 0 ? '/yard merge' : '/yard mrege'))
  expect(said.map(({ reaction }) => reaction)).toEqual(said.map(() => 'confused'))
  expect(said.flatMap(({ replies }) => replies)).toHaveLength(WORDS_MAX)
  expect(said[WORDS_MAX - 1]?.replies.join()).toContain('get a reaction only')
  // Others are answered, and so is eve an hour later.
  expect((await stage.say(number, stage.person('rex'), '/yard merge')).replies).toHaveLength(1)
  for (let n = 0; n < 5; n += 1) expect((await stage.say(number, stage.person('wes'), '/yard mrege')).replies).toHaveLength(1)
  stage.clock.now += WITHIN_MS + 1
  expect((await stage.say(number, eve, '/yard merge')).replies).toHaveLength(1)
})

test('[CMD-2] [RUN-9] status with history, cost and repos tell of the run', async () => {
  const { number } = await stage.task(story('reviewing').run)
  const ask = async (words: string) => (await stage.say(number, stage.person('ann'), `/yard ${words}`)).replies.join()
  await stage.say(number, stage.person('ann'), '/yard pause for lunch')
  const history = await ask('status --history')
  expect(history).toMatch(/<details>\n<summary>History, oldest first<\/summary>[\s\S]*`run\.paused`[\s\S]*for lunch · ann/)
  expect(await ask('repos')).toMatch(/\| acme\/api \| provider \| write \|.*`a1a1a1a` \| \[acme\/api#12\]/)
  expect(await ask('cost')).toContain('No agent has worked for this run yet')
})

test('[CMD-10] taking off a start label that is still there ends the run; one that was taken, or of another pipeline, does not', async () => {
  const off = (number: number, pipeline: string | null) =>
    handleStartWithdrawn(
      stage.intake,
      {
        type: 'start-withdrawn',
        installationId: stage.on.installationId,
        repositoryId: repositoryId(),
        number,
        label: 'switchyard',
        pipeline,
        actor: stage.person('tia'),
      },
      source(),
    )
  const there = await stage.task(story('coding').run)
  await off(there.number, 'quick')
  expect(await state(there.run)).toBe('active')
  await off(there.number, null)
  expect(await state(there.run)).toBe('stopped')
  const taken = await stage.task(story('coding').run)
  if (taken.run !== null) await noteLabelTaken(stage.store.db, taken.run)
  await off(taken.number, null)
  expect(await state(taken.run)).toBe('active')
  const closed = { type: 'issue-closed', how: 'closed', installationId: stage.on.installationId } as const
  await handleIssueClosed(
    stage.intake,
    { ...closed, repositoryId: repositoryId(), number: taken.number, actor: stage.person('wes') },
    source(),
  )
  expect(await state(taken.run)).toBe('stopped')
})

test('[CMD-8] a button does what it says for who may, once; one that is not offered any more, or is not theirs, is refused on the pull request', async () => {
  const made = story('reviewing').fail(1).run
  const pull = await stage.on.local.as('wes').push(API, 'work', { 'w.txt': 'w' }, 'Work')
  const opened = await stage.on.local.as('wes').openPull(API, { title: 'Work', head: 'work', base: 'main' })
  const legs = made.legs.map((leg) =>
    leg.pull === null || leg.repository !== API
      ? leg
      : { ...leg, head: pull as NonNullable<typeof leg.head>, pull: { ...leg.pull, number: opened.number } },
  )
  const { run } = await stage.task({ ...made, legs })
  if (run === null) throw new Error('no run')
  const hint = (login: string, head = pull) => ({
    installationId: stage.on.installationId,
    repository: { id: repositoryId(), fullName: API, defaultBranch: 'main', cloneUrl: null },
    head: head as NonNullable<(typeof legs)[number]['head']>,
    actor: stage.person(login),
  })
  const check = { id: 77, externalId: `switchyard:${run}:step:review` }
  const click = (login: string, identifier = 'retry', from = source(), head = pull) =>
    handleCheckButton(stage.intake, { type: 'check-button', ...hint(login, head), check, identifier }, from)
  const replies = () =>
    stage.on.local
      .inspect()
      .comments(API, opened.number)
      .map(({ body }) => body.split('\n').slice(1).join('\n'))

  await click('rex')
  expect(replies()).toEqual([expect.stringMatching(/^@rex `Retry` was not done: [\s\S]*The \*write\*/)])
  await click('wes', 'merge')
  await click('wes', 'retry', source(), 'f'.repeat(40))
  expect(replies().slice(1)).toEqual([1, 2].map(() => expect.stringContaining('not asked any more')))
  expect(await state(run)).toBe('failed')

  const from = source()
  await click('wes', 'retry', from)
  const { version } = await stage.read(run)
  await click('wes', 'retry', from)
  expect((await stage.read(run)).version).toBe(version)
  expect(await state(run)).toBe('active')
  expect(replies()).toHaveLength(3)

  // Asked for again, a stage is done again; all of them at once: nothing has failed.
  const again = (of: typeof check | null) =>
    handleCheckRerequested(stage.intake, { type: 'check-rerequested', ...hint('wes'), check: of }, source())
  await again({ ...check, externalId: `switchyard:${run}:step:code` })
  expect((await stage.read(run)).steps.find(({ status }) => status.state === 'active')?.id).toBe('code')
  await again(null)
  expect(replies().at(-1)).toContain('No stage has failed')
})
