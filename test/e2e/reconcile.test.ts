/** What no delivery ever told: live runs are compared with GitHub (ING-6). Deliveries are lost here for good. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RunId } from '../../src/contract/ids.ts'
import { listHistory } from '../../src/store/history.ts'
import { pendingCount } from '../../src/store/outbox.ts'
import { findLatestRun, getRun } from '../../src/store/runs.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import type { Task } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'

const RECONCILE_MS = 600
const ISSUE = '/repos/{owner}/{repo}/issues/{issue_number}'
const INSTALLATIONS = '/app/installations'
const POLL = { timeout: 90_000, interval: 50 } as const

/** CI of one repository is green as soon as this folder has a file of that name. */
const outside = await mkdtemp(path.join(tmpdir(), 'switchyard-reconcile-'))
const mended = path.join(outside, 'mended')
afterAll(() => rm(outside, { recursive: true, force: true }))

const yard = useSwitchyard({
  repositories: [
    repository('solo', {
      pipelines: {
        planned: pipeline('plan', 'approval', 'code'),
        ship: pipeline('code', 'merge'),
        gate: pipeline('code', 'ci'),
      },
    }),
    repository(
      'outside',
      { pipelines: { gate: pipeline('code', 'ci') } },
      { ci: [{ name: 'test', command: ['test', '-e', mended] }] },
    ),
  ],
  env: { SWEEP_RECONCILE_MS: String(RECONCILE_MS) },
  script: {
    calls: [
      call('planner', '', [plan(['acme/solo'])]),
      call('fixer', '', [{ do: 'run', argv: ['true'] }, done('Nothing of ours.')]),
      call('coder', '', [...change('note.txt', 'note\n'), done()]),
    ],
  },
})

const runOf = async (task: Task): Promise<RunId> => {
  const { store } = yard().app
  const id = await findLatestRun(store.db, yard().github.inspect().repository(task.repository).id, task.number)
  if (id === null) throw new Error('there is no run')
  return id
}
const runNow = async (id: RunId) => {
  const run = await getRun(yard().app.store.db, id)
  if (run === null) throw new Error('there is no run')
  return run
}
const statusOf = async (id: RunId) => (await runNow(id)).status
const requestsFor = (route: string) =>
  yard()
    .github.inspect()
    .requests()
    .filter((request) => request.route === route)

/** Waits until the sweep began so many more times; the last of them may still be under way. */
async function sweeps(count: number): Promise<void> {
  const before = requestsFor(INSTALLATIONS).length
  await yard().waitFor(() => requestsFor(INSTALLATIONS).length >= before + count, `${count} comparisons with GitHub`)
}

/** Does something of which no delivery tells. */
async function untold<T>(act: () => Promise<T> | T): Promise<T> {
  const { github } = yard()
  github.faults.deliveries({ lose: 1 })
  const done = await act()
  await github.idle()
  github.faults.deliveries({})
  return done
}

async function stop(task: Task): Promise<void> {
  task.comment('mona', '/yard stop')
  await task.until('stopped')
}

test('[ING-6] where nothing differs there is no event, and few, conditional reads', async () => {
  const task = yard().task({ title: 'Stays as it is', label: 'switchyard:ship' })
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  const id = await runOf(task)
  await expect.poll(() => pendingCount(yard().app.store.db, id), POLL).toBe(0)
  await sweeps(2)
  const before = await runNow(id)
  const facts = (await listHistory(yard().app.store.db, id, { limit: 100 })).length
  const from = yard().github.inspect().requests().length
  await sweeps(4)
  const asked = yard().github.inspect().requests().slice(from)
  expect(await runNow(id)).toEqual(before)
  expect(await listHistory(yard().app.store.db, id, { limit: 100 })).toHaveLength(facts)
  const routes = ['/installation/repositories', ISSUE, '/repos/{owner}/{repo}/pulls']
  expect([...new Set(asked.map(({ method, route }) => `${method} ${route}`))].toSorted()).toEqual(
    [INSTALLATIONS, ...routes].map((route) => `GET ${route}`).toSorted(),
  )
  for (const route of routes) {
    const answers = asked.filter((request) => request.route === route)
    expect(answers.length).toBeLessThanOrEqual(5)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([304]))
  }
  await stop(task)
})

test('[ING-6] a closed issue of which no delivery told ends its run', async () => {
  const task = yard().task({ title: 'Closed unheard', label: 'switchyard:planned' })
  await task.planHash()
  await untold(() => yard().github.as('mona').closeIssue(task.repository, task.number))
  await task.until('stopped')
  expect(await statusOf(await runOf(task))).toMatchObject({ state: 'stopped', by: 'mona', why: 'the issue was closed' })
})

test('[ING-6] a closed pull request holds the run, a push is taken over, and an opened one goes on, all unheard', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Pull request unheard', label: 'switchyard:ship' })
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  const id = await runOf(task)
  const [pull] = task.pulls('acme/solo')
  const number = pull?.issue.number ?? 0

  const head = await untold(() =>
    github.as('mona').push('acme/solo', pull?.pull.headRef ?? '', { 'more.txt': 'more\n' }, 'More'),
  )
  await expect.poll(async () => (await runNow(id)).legs[0]?.head, POLL).toBe(head)

  await untold(() => github.as('mona').closePull('acme/solo', number))
  await expect.poll(() => statusOf(id), POLL).toMatchObject({ state: 'paused', cause: 'pull-closed', by: 'mona' })
  await untold(() => github.as('mona').reopenPull('acme/solo', number))
  await expect.poll(() => statusOf(id), POLL).toMatchObject({ state: 'active' })
  await stop(task)
})

test('[ING-6] checks that turn green unheard are seen at the gate that asked a person', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ repository: 'acme/outside', title: 'Mended elsewhere', label: 'switchyard:gate' })
  await task.until('needs you')
  await task.stateLabel('switchyard/needs-you')
  const head = task.pulls('acme/outside')[0]?.pull.headSha ?? ''
  const looked = () =>
    requestsFor('/repos/{owner}/{repo}/commits/{ref}/check-runs').filter(({ status }) => status === 304).length
  const before = looked()
  await waitFor(() => looked() > before + 1, 'a look at the checks as they are')
  await writeFile(mended, '')
  await untold(async () => {
    const test = github
      .inspect()
      .checks('acme/outside', head)
      .find(({ name }) => name === 'test')
    github.as('mona').rerunCheck('acme/outside', test?.id ?? 0)
  })
  await task.until('ready')
})

test('[ING-6] [CMD-10] a start label that is taken off unheard, before Switchyard did, ends its run', async () => {
  const { github } = yard()
  // The run has begun, and the answer to its label does not come through.
  github.faults.failNext({ method: 'POST', route: `${ISSUE}/reactions` }, { status: 500, times: 100 })
  const task = yard().task({ title: 'Label unheard', label: 'switchyard:planned' })
  await expect.poll(() => runOf(task).catch(() => null), { ...POLL, interval: 10 }).not.toBeNull()
  await untold(() => github.as('mona').unlabel(task.repository, task.number, 'switchyard:planned'))
  await task.until('stopped')
  expect(await statusOf(await runOf(task))).toMatchObject({ state: 'stopped', why: 'its start label was taken off' })
})

test.each([
  ['an issue that is not there', [ISSUE]],
  ['an installation that is not there', [INSTALLATIONS, '/app/installations/{installation_id}']],
  ['a repository that is out of reach', ['/installation/repositories', '/repos/{owner}/{repo}/installation']],
])('[ING-6] a single wrong answer, %s, stops nothing; nor does one that is refused', async (_what, routes) => {
  const { github } = yard()
  const task = yard().task({ title: 'Stays alive', label: 'switchyard:planned' })
  await task.planHash()
  const id = await runOf(task)
  await sweeps(2)
  const before = await runNow(id)
  const empty: Record<string, unknown> = {
    [INSTALLATIONS]: { status: 200, body: [] },
    '/installation/repositories': { status: 200, body: { total_count: 0, repository_selection: 'all', repositories: [] } },
  }
  for (const route of routes) github.faults.failNext({ method: 'GET', route }, { status: 404, ...(empty[route] as object) })
  await sweeps(4)
  expect(await runNow(id)).toEqual(before)
  for (const route of routes)
    github.faults.failNext({ method: 'GET', route }, { status: 403, times: 12, body: { message: 'No.' } })
  await sweeps(4)
  expect(await runNow(id)).toEqual(before)
  github.faults.clear()
  await stop(task)
})
