/** Repositories and installations that change under live runs (ING-9). One test after the other: the last one uninstalls. */
import { expect, test } from 'vitest'
import { findLatestRun, getRun } from '../../src/store/runs.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done, plan } from './script.ts'
import type { Task } from './task.ts'
import { taskAt } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'

const RECONCILE_MS = 600
const POLL = { timeout: 90_000, interval: 50 } as const
const PIPELINES = { pipelines: { planned: pipeline('plan', 'approval', 'code', 'merge') } }
const NAMES = ['renamed', 'branched', 'transferred', 'followed', 'paused', 'removed', 'last']

const yard = useSwitchyard({
  repositories: NAMES.map((name) => repository(name, PIPELINES)),
  installed: NAMES.map((name) => `acme/${name}`),
  env: { SWEEP_RECONCILE_MS: String(RECONCILE_MS) },
  script: {
    calls: [
      ...NAMES.map((name) => call('planner', `Moves ${name}`, [plan([`acme/${name}`])])),
      call('coder', '', [...change('note.txt', 'note\n'), done()]),
    ],
  },
})

const runOf = async (id: number, number: number) => {
  const { db } = yard().app.store
  const found = await findLatestRun(db, id, number)
  const run = found === null ? null : await getRun(db, found)
  if (run === null) throw new Error('there is no run')
  return run
}
const idOf = (name: string) => yard().github.inspect().repository(name).id

/** A task in a repository of its own whose plan waits for an approval. */
async function planned(name: string): Promise<Task> {
  const task = yard().task({ repository: `acme/${name}`, title: `Moves ${name}`, label: 'switchyard:planned' })
  await task.planHash()
  return task
}

const approve = async (task: Task) => task.comment('mona', `/yard approve ${await task.planHash()}`)

test('[ING-9] a run follows its renamed repository: branch, pull request, comments and links go to the new name', async () => {
  const { github } = yard()
  const { number } = await planned('renamed')
  await github.renameRepository('acme/renamed', 'catalogue')
  const task = taskAt(yard(), { repository: 'acme/catalogue', number, title: 'Moves on' })
  await expect.poll(async () => (await runOf(idOf('acme/catalogue'), number)).legs[0]?.repository, POLL).toBe('acme/catalogue')
  await approve(task)
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  const pulls = task.pulls('acme/catalogue')
  expect(pulls).toHaveLength(1)
  await yard().waitFor(() => task.statusComment()?.body.includes('acme/catalogue/pull/'), 'a link to the new name')
  expect(task.statusComment()?.body).not.toContain('acme/renamed/')
  expect(pulls[0]?.issue.body).toContain(`#${number}`)
  expect((await runOf(idOf('acme/catalogue'), number)).task.url).toContain('/acme/catalogue/issues/')
  // Renamed again with everything pushed, and nobody tells: it is found, and merged where it is now.
  github.faults.deliveries({ lose: 1 })
  await github.renameRepository('acme/catalogue', 'shelf')
  await github.idle()
  github.faults.deliveries({})
  const moved = taskAt(yard(), { repository: 'acme/shelf', number, title: 'Moves on' })
  await expect.poll(async () => (await runOf(idOf('acme/shelf'), number)).task.repository, POLL).toBe('acme/shelf')
  moved.comment('mona', '/yard merge')
  await moved.until('merged')
  await moved.stateLabel('switchyard/done')
})

test('[ING-9] work that has not begun begins on the new default branch', async () => {
  const { github } = yard()
  const task = await planned('branched')
  await github.as('mona').push('acme/branched', 'trunk', { 'trunk.txt': 'trunk\n' }, 'Begin the trunk')
  await github.changeDefaultBranch('acme/branched', 'trunk')
  await expect.poll(async () => (await runOf(idOf('acme/branched'), task.number)).legs[0]?.baseBranch, POLL).toBe('trunk')
  await approve(task)
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  expect(task.pulls('acme/branched')[0]?.pull.baseRef).toBe('trunk')
})

test('[ING-9] a run follows its repository to another account where the App is installed, and stops where it is not', async () => {
  const { github, world } = yard()
  github.createOrganization('globex')
  github.createOrganization('initech')
  const { installationId } = github.install(world.app.appId, { account: 'globex', repositories: 'all' })
  const { number } = await planned('followed')
  await github.transferRepository('acme/followed', 'globex')
  const task = taskAt(yard(), { repository: 'globex/followed', number, title: 'Moves on' })
  await expect
    .poll(async () => (await runOf(idOf('globex/followed'), number)).task, POLL)
    .toMatchObject({ repository: 'globex/followed', installationId })
  await approve(task)
  await task.until('needs you')
  await task.stateLabel('switchyard/ready')
  expect(task.pulls('globex/followed')).toHaveLength(1)

  const away = await planned('transferred')
  await github.transferRepository('acme/transferred', 'initech')
  await expect
    .poll(async () => (await runOf(idOf('initech/transferred'), away.number)).status, POLL)
    .toMatchObject({ state: 'stopped', why: 'Switchyard has no access to acme/transferred any more' })
})

test('[ING-9] a repository taken out of the installation stops its runs, and no others', async () => {
  const { github, world } = yard()
  const task = await planned('removed')
  const other = await planned('last')
  github.changeRepositories(world.installationId, { remove: ['acme/removed'] })
  await expect
    .poll(async () => (await runOf(idOf('acme/removed'), task.number)).status, POLL)
    .toMatchObject({ state: 'stopped' })
  expect((await runOf(idOf('acme/last'), other.number)).status).toEqual({ state: 'active' })
  other.comment('mona', '/yard stop')
  await other.until('stopped')
})

test.each([false, true])(
  '[ING-9] suspended, runs pause; let go on, they go on and say so (lost deliveries: %s)',
  async (lost) => {
    const { github, world } = yard()
    const task = await planned('paused')
    const status = async () => (await runOf(idOf('acme/paused'), task.number)).status
    github.faults.deliveries({ lose: lost ? 1 : 0 })
    github.suspend(world.installationId)
    await expect.poll(status, POLL).toMatchObject({ state: 'paused', cause: 'installation' })
    github.suspend(world.installationId, false)
    await expect.poll(status, POLL).toMatchObject({ state: 'active' })
    await github.idle()
    github.faults.deliveries({})
    await task.until('needs you')
    await approve(task)
    await task.stateLabel('switchyard/ready')
    task.comment('mona', '/yard stop')
    await task.until('stopped')
  },
)

test.each([true, false])('[ING-9] uninstalled, its runs stop (lost deliveries: %s)', async (lost) => {
  const { github, world } = yard()
  const task = await planned('last')
  github.faults.deliveries({ lose: lost ? 1 : 0 })
  const status = async () => (await runOf(idOf('acme/last'), task.number)).status
  github.uninstall(world.installationId)
  await expect.poll(status, POLL).toMatchObject({ state: 'stopped', why: 'Switchyard was uninstalled' })
  github.faults.deliveries({})
  world.installationId = github.install(world.app.appId, { account: 'acme', repositories: 'all' }).installationId
})
