/** Pipelines that the clock starts, on the local GitHub, with the app's clock put forward. */

import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { newestFires, schedulesOf } from '../../src/store/schedules.ts'
import { pipeline, repository } from './repositories.ts'
import { call, plan } from './script.ts'
import { taskAt } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'

const FILE = '.github/switchyard.yml'
const REPOSITORY = 'acme/solo'
const DAY_MS = 86_400_000
const DAILY = { name: 'daily', cron: '30 6 * * *', timeZone: 'Europe/Berlin', pipeline: 'ask' }
const CONFIGURATION = {
  version: 1,
  pipelines: { ask: pipeline('plan', 'approval') },
  schedules: [{ ...DAILY, title: 'Notes of {date}', task: 'Write down what is new.' }],
}

/** Patience for a busy machine. */
const PATIENT = { timeout: 90_000, interval: 100 } as const
/** How far the app's clock is before the machine's, in ms. */
let ahead = 0
const now = () => Date.now() + ahead

const yard = useSwitchyard({
  repositories: [repository('solo', { pipelines: CONFIGURATION.pipelines })],
  now,
  env: { SWEEP_SCHEDULES_MS: '200', SWEEP_TIMERS_MS: '200' },
  script: { calls: [call('planner', '', [plan([REPOSITORY])])] },
})

const dayOf = (at: number) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(at)
const fires = () => newestFires(yard().app.store.db, 10)
const opened = () =>
  yard()
    .github.inspect()
    .issues(REPOSITORY)
    .filter(({ pull }) => pull === null)

/** When a schedule comes next, as it is stored; not a number where it is not known. */
async function next(name: string): Promise<number> {
  const { app, github } = yard()
  const rows = await schedulesOf(app.store.db, github.inspect().repository(REPOSITORY).id)
  return rows.find((row) => row.name === name)?.nextAt ?? Number.NaN
}

async function configure(configuration: unknown): Promise<void> {
  await yard()
    .person('mona')
    .push(REPOSITORY, 'main', { [FILE]: stringify(configuration) }, 'Configure')
}

test('[SCH-1] a schedule opens one issue when it is due, is left out while its run goes on, and comes again', async () => {
  const { app } = yard()
  await configure(CONFIGURATION)
  await expect.poll(() => next('daily'), PATIENT).toBeGreaterThan(now())
  const first = await next('daily')
  expect(new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', timeStyle: 'short' }).format(first)).toBe('06:30')
  expect(opened()).toEqual([])

  ahead = first - Date.now()
  await expect.poll(async () => (await fires())[0]?.state, PATIENT).toBe('started')
  expect(opened().map(({ title, author }) => [title, author.user.login])).toEqual([
    [`Notes of ${dayOf(first)}`, yard().world.app.botLogin],
  ])
  const [issue] = opened()
  const task = taskAt(yard(), { repository: REPOSITORY, number: issue?.number ?? 0, title: issue?.title ?? '' })
  await task.until('needs you')
  expect(issue?.body).toContain('Write down what is new.')

  // The run waits for a person when the next one is due.
  ahead += DAY_MS
  await expect.poll(async () => (await fires()).map(({ state }) => state), PATIENT).toEqual(['skipped', 'started'])
  expect((await fires())[0]?.why).toBe(`The run of #${task.number} still goes on.`)
  const asked = task.comment('mona', '/yard status --history')
  await task.reaction(asked, 'rocket')
  expect(await task.reply()).toContain('The schedule `daily` came again and was left out, since this run still goes on')
  const page = async () => (await fetch(`${app.localUrl}/schedules`)).text()
  expect(await page()).toContain(`The run of #${task.number} still goes on.`)

  task.comment('mona', '/yard stop')
  await task.until('stopped')
  // Three days without anybody who looked: it comes once, for the last of them.
  ahead += 3 * DAY_MS
  await expect.poll(async () => (await fires()).map(({ state }) => state), PATIENT).toEqual(['started', 'skipped', 'started'])
  expect(opened().map(({ title }) => title)).toEqual([`Notes of ${dayOf(first)}`, `Notes of ${dayOf(first + 4 * DAY_MS)}`])
  expect(await next('daily')).toBeGreaterThan(now())
})

test('[SCH-1] [CFG-3] one that cannot be begun says why on its issue, and goes on there when it can; taken out, it comes no more', async () => {
  const { github, waitFor } = yard()
  // The runtime is offered by nobody.
  await configure({
    ...CONFIGURATION,
    roles: { planner: { runtime: { name: 'nobody' } } },
    schedules: [{ ...DAILY, name: 'other', title: 'Other' }],
  })
  const other = async () => (await fires()).filter(({ name }) => name === 'other')
  await expect.poll(() => next('other'), PATIENT).toBeGreaterThan(now())
  ahead = (await next('other')) - Date.now()
  await expect.poll(async () => (await other()).map(({ state }) => state), PATIENT).toEqual(['refused'])
  const number = (await other())[0]?.issue ?? 0
  const task = taskAt(yard(), { repository: REPOSITORY, number, title: 'Other' })
  expect(await task.reply()).toContain('`the schedule other` was not done: ')

  await configure({ ...CONFIGURATION, schedules: [{ ...DAILY, name: 'other', title: 'Other' }] })
  await waitFor(
    () =>
      github
        .inspect()
        .deliveries()
        .every(({ statusCode }) => statusCode !== null),
    'the push heard',
  )
  ahead += DAY_MS
  await expect.poll(async () => (await other()).map(({ state }) => state), PATIENT).toEqual(['started', 'refused'])
  expect((await other()).map(({ issue }) => issue)).toEqual([number, number])
  await task.until('needs you')

  await configure({ version: 1 })
  await expect.poll(() => next('other'), PATIENT).toBeNaN()
})
