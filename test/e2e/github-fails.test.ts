/** GitHub refuses, limits, doubles and shuffles: the end is the same, and nothing is there twice. */
import { expect, test } from 'vitest'
import { readBlock } from '../../src/store/github-blocks.ts'
import { listHistory } from '../../src/store/history.ts'
import { findLatestRun } from '../../src/store/runs.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const PULLS = { method: 'POST', route: '/repos/{owner}/{repo}/pulls' } as const
const COMMENTS = { method: 'POST', route: '/repos/{owner}/{repo}/issues/{issue_number}/comments' } as const

const yard = useSwitchyard({
  repositories: [
    repository('solo', { pipelines: { code: pipeline('code'), ship: pipeline('code', 'ci', 'merge') }, merge: { by: 'auto' } }),
    repository('app', { pipelines: { code: pipeline('code') }, peers: [{ repository: 'acme/lib', role: 'provider' }] }),
    repository('lib', null),
  ],
  script: (signals) => ({
    calls: [
      call('coder', 'Both', [...change('note.txt', 'lib\n', 'acme__lib'), ...change('note.txt', 'app\n', 'acme__app'), done()]),
      call('coder', 'Limited', [...change('limited.txt', 'solo\n'), done()]),
      call('coder', 'Used up', [{ do: 'wait-for', file: `${signals}/used-up` }, ...change('used-up.txt', 'solo\n'), done()]),
      call('coder', 'Shuffled', [...change('shuffled.txt', 'solo\n'), done()]),
    ],
  }),
})

test('[CS-3] what was opened is kept, the error names the leg, a retry opens only the missing one', async () => {
  const { github } = yard()
  github.faults.failNext(PULLS, { status: 403, after: 1, body: { message: 'Resource not accessible by integration' } })
  const task = yard().task({ repository: 'acme/app', title: 'Both', label: 'switchyard:code' })
  const text = await task.until('failed')
  const [kept] = task.pulls('acme/app')
  expect(kept).toBeDefined()
  expect(task.pulls('acme/lib')).toEqual([])
  expect(text).toContain('The pull request could not be opened in acme/lib:')
  expect(text).toContain(`[acme/app#${kept?.issue.number}]`)
  isRead('When GitHub fails', 'One of two pull requests cannot be opened', 'GitHub refused the second one.', text)

  task.comment('hubot', '/yard retry')
  await task.until('ready')
  expect(task.pulls('acme/app').map(({ issue }) => issue.number)).toEqual([kept?.issue.number])
  expect(task.pulls('acme/lib')).toHaveLength(1)
  // The pipeline ends without a merge: people are to review and merge, so nothing stays a draft.
  await yard().waitFor(() => !task.pulls('acme/lib')[0]?.pull.draft && !task.pulls('acme/app')[0]?.pull.draft, 'no draft')
  await yard().waitFor(() => !task.statusComment()?.body.includes('draft'), 'no word of a draft')
})

test('a secondary rate limit is waited for, and nothing is there twice', async () => {
  const { github } = yard()
  for (const matcher of [COMMENTS, PULLS]) github.faults.secondaryRateLimit({ matcher, retryAfter: 1 })
  const task = yard().task({ title: 'Limited', label: 'switchyard:code' })
  await task.until('ready')
  await github.idle()
  const limited = github
    .inspect()
    .requests()
    .filter(({ status, write }) => write && status === 403)
  expect(limited.map(({ route }) => route)).toEqual(expect.arrayContaining([COMMENTS.route, PULLS.route]))
  expect(github.inspect().comments(task.repository, task.number)).toHaveLength(1)
  expect(task.pulls('acme/solo')).toHaveLength(1)
})

test('[FAIL-4] while the primary limit is used up nothing is asked, the run says until when, and nothing is lost or doubled', async () => {
  const { github, app } = yard()
  const task = yard().task({ title: 'Used up', label: 'switchyard:code' })
  await task.until('coding')
  await github.idle()
  const earlier = github.inspect().requests().length
  github.faults.primaryRateLimit({ matcher: PULLS, resetInSeconds: 8 })
  await yard().signal('used-up')
  const asked = () =>
    github
      .inspect()
      .requests()
      .slice(earlier)
      .filter(({ path }) => path.startsWith('/repos/') || path.startsWith('/graphql'))
  const isLimit = ({ route, status }: { route: string | null; status: number }) => route === PULLS.route && status === 403
  await yard().waitFor(() => asked().some(isLimit), 'the limit')
  const blocked = () => readBlock(app.store.db, yard().world.installationId, Date.now())
  await expect.poll(blocked, { timeout: 5_000 }).not.toBeNull()
  const block = await blocked()
  const before = asked().length
  // A person asks meanwhile: the delivery waits too.
  task.comment('hubot', '/yard status')
  const { id } = github.inspect().repository(task.repository)
  const run = await findLatestRun(app.store.db, id, task.number)
  const page = await (await fetch(`${app.localUrl}/runs/${run}`)).text()
  expect(page).toMatch(/rate limit is used up<\/strong> until /)
  await yard().waitFor(() => Date.now() >= (block?.until ?? 0) - 500, 'the end of the limit, nearly')
  // One request may have been under way.
  expect(asked().length).toBeLessThanOrEqual(before + 1)

  await task.until('ready')
  await yard().waitFor(() => task.replies().length > 0, 'the answer')
  await github.idle()
  expect(task.replies()).toHaveLength(1)
  expect(task.pulls('acme/solo')).toHaveLength(1)
  expect(asked().filter(isLimit)).toHaveLength(1)
  const notes = run === null ? [] : await listHistory(app.store.db, run, { limit: 100 })
  expect(notes.filter(({ what }) => what === 'run.blocked')).toHaveLength(1)
})

test('[ING-5] deliveries doubled, late and out of order lead to the same end, once', async () => {
  const { github } = yard()
  github.faults.deliveries({ double: 1, delay: [0, 250], shuffle: 8, seed: 20_260_301 })
  const task = yard().task({ title: 'Shuffled', label: 'switchyard:ship' })
  task.comment('hubot', '/yard help merge')
  await task.until('merged')
  await yard().waitFor(() => task.issue().state === 'closed', 'the issue closed')
  await task.stateLabel('switchyard/done')
  await github.idle()
  const seen = github.inspect()
  expect(task.replies()).toHaveLength(1)
  expect(seen.comments(task.repository, task.number).filter(({ body }) => body.includes('switchyard:status'))).toHaveLength(1)
  const [pull, ...more] = task.pulls('acme/solo')
  expect(more).toEqual([])
  const own = seen.checks('acme/solo', pull?.pull.headSha ?? '', 'all').filter(({ name }) => name.startsWith('switchyard / '))
  expect(own.map(({ name }) => name).toSorted()).toEqual([...new Set(own.map(({ name }) => name))].toSorted())
  const merges = seen.requests().filter(({ method, path }) => method === 'PUT' && path.endsWith('/merge'))
  expect(merges).toHaveLength(1)
})
