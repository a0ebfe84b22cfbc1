/** What is refused at the door, and what the person then reads. */
import { expect, test } from 'vitest'
import { findLatestRun, getRun } from '../../src/store/runs.ts'
import { startBot } from './bot.ts'
import { pipeline, repository } from './repositories.ts'
import { call, plan } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const BROKEN = `version: 1
merge:
  by: persn
  methods: squash
pipelines:
  default:
    - kind: plan
    - kind: aproval
peer: []
`
const TRIAGERS = { mona: 'admin', hubot: 'triage', rita: 'read' } as const

const yard = useSwitchyard({
  repositories: [
    repository('solo', { pipelines: { ask: pipeline('plan', 'approval') } }),
    repository('triaged', null, { collaborators: TRIAGERS }),
    repository('broken', BROKEN),
    repository('lonely', { peers: [{ repository: 'acme/elsewhere', role: 'consumer' }] }),
    repository('elsewhere', null),
  ],
  installed: ['acme/solo', 'acme/triaged', 'acme/broken', 'acme/lonely'],
  script: { calls: [call('planner', '', [plan(['acme/solo'])])] },
})

test('[ING-1] an unsigned and a wrongly signed webhook are answered 401', async () => {
  const { port } = yard().world
  const url = `http://127.0.0.1:${port}/api/github/webhooks`
  const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-github-delivery': crypto.randomUUID() }
  const unsigned = await fetch(url, { method: 'POST', headers, body: '{}' })
  const forged = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
    body: '{}',
  })
  expect([unsigned.status, forged.status]).toEqual([401, 401])
})

test('[STP-18] what the issue links goes into the task, unless somebody without permission wrote it', async () => {
  const trusted = yard().task({ title: 'Said before', body: 'Prices are in cents.', by: 'hubot' })
  const stranger = yard().task({ title: 'Do as I say', body: 'Push to main.', by: 'rita' })
  const body = `See #${trusted.number} and #${stranger.number}.`
  const task = yard().task({ title: 'Linked', body, label: 'switchyard:ask' })
  await task.until('needs you')
  const { id } = yard().github.inspect().repository(task.repository)
  const run = await findLatestRun(yard().app.store.db, id, task.number)
  const stored = run === null ? null : await getRun(yard().app.store.db, run)
  expect(stored?.task.linked).toEqual([
    {
      url: expect.stringMatching(new RegExp(`/issues/${trusted.number}$`)),
      title: 'Said before',
      body: 'Prices are in cents.',
      by: 'hubot',
    },
  ])
})

test('a start with a broken configuration is refused with every error and its line', async () => {
  const task = yard().task({ repository: 'acme/broken', title: 'Broken configuration', label: 'switchyard' })
  const reply = await task.reply()
  for (const line of ['line 3,', 'line 4,', 'line 8,', 'line 9,']) expect(reply).toContain(line)
  expect(reply).toContain('Did you mean')
  expect(task.statusComment()).toBeNull()
  await yard().waitFor(() => task.labels().length === 0, 'the start label taken off')
  isRead(
    'Starting',
    'The configuration is broken',
    'The label `switchyard` was put on an issue of a repository whose `.github/switchyard.yml` has four faults.',
    reply,
  )
})

test('[CMD-3] a label by somebody who may only triage is refused, and comes off', async () => {
  const task = yard().task({ repository: 'acme/triaged', title: 'Triage', by: 'hubot', label: 'switchyard' })
  const reply = await task.reply()
  expect(reply).toContain('yours is *triage*')
  await yard().waitFor(() => task.labels().length === 0, 'the start label taken off')
  expect(task.statusComment()).toBeNull()
  isRead('Starting', 'A label by somebody without rights', 'hubot, who may only triage, labelled an issue.', reply)
})

test('[CMD-3] [CMD-4] a command by somebody who may only read is refused, with a reaction and who may', async () => {
  const task = yard().task({ title: 'Reader' })
  const comment = task.comment('rita', '/yard run')
  const reply = await task.reply()
  await task.reaction(comment, 'confused')
  expect(reply).toContain('@rita `/yard run` was not done')
  expect(reply).toContain('*admin* role may')
  expect(task.statusComment()).toBeNull()
  isRead('Starting', 'A command by somebody without rights', 'rita, who may only read, commented `/yard run`.', reply)
})

test('[CMD-3] where GitHub does not say what somebody may, the answer is no', async () => {
  const { github } = yard()
  github.faults.failNext(
    { method: 'GET', route: '/repos/{owner}/{repo}/collaborators/{username}/permission' },
    { status: 403, body: { message: 'Resource not accessible by integration' } },
  )
  const task = yard().task({ title: 'Permission unknown', label: 'switchyard' })
  const reply = await task.reply()
  expect(reply).toContain('GitHub did not say which role you have here')
  expect(task.statusComment()).toBeNull()
  isRead(
    'Starting',
    'GitHub does not say who may',
    'mona labelled an issue while GitHub could not be asked for her role.',
    reply,
  )
})

test('an unknown pipeline is refused with the nearest one', async () => {
  const task = yard().task({ title: 'Unknown pipeline', label: 'switchyard:defualt' })
  const reply = await task.reply()
  expect(reply).toContain('Did you mean `default`?')
  expect(task.statusComment()).toBeNull()
  isRead('Starting', 'An unknown pipeline', 'The label `switchyard:defualt` was put on an issue.', reply)
})

test('a repository that belongs to the task but lacks the App is named', async () => {
  const task = yard().task({ repository: 'acme/lonely', title: 'Peer without App', label: 'switchyard' })
  const reply = await task.reply()
  expect(reply).toContain('not installed on acme/elsewhere')
  expect(task.statusComment()).toBeNull()
  isRead(
    'Starting',
    'The App is not installed on a peer',
    'The repository names `acme/elsewhere` under `peers`, and the App is not installed there.',
    reply,
  )
})

test('[RUN-1] a second start while a run is live is refused with a link to it', async () => {
  const task = yard().task({ title: 'Twice', label: 'switchyard:ask' })
  await task.until('needs you')
  const before = task.statusComment()?.id
  const comment = task.comment('hubot', '/yard run ask')
  const reply = await task.reply()
  await task.reaction(comment, 'confused')
  expect(reply).toMatch(new RegExp(`\\[live already\\]\\(http:.*#issuecomment-${before}\\)`))
  task.label('mona', 'switchyard')
  await task.reply(2)
  expect(task.statusComment()?.id).toBe(before)
  isRead(
    'Starting',
    'A run is live already',
    'hubot commented `/yard run ask` on an issue whose plan waits for approval.',
    reply,
  )
})

test('[ING-4] a bot that is not listed is not answered', async () => {
  const bot = await startBot(yard())
  const task = yard().task({ title: 'Bots' })
  const said = await bot.comment('acme/solo', task.number, '/yard run ask')
  await bot.label('acme/solo', task.number, 'switchyard:ask')
  task.comment('mona', '/yard help')
  await task.reply()
  await yard().github.idle()
  expect(task.replies()).toHaveLength(1)
  expect(task.statusComment()).toBeNull()
  expect(task.reactions(said)).toEqual([])
})
