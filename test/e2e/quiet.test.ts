/** How little is asked and said: bursts of checks and of remarks are one evaluation and one batch, failures one comment. */
import { expect, test } from 'vitest'
import type { Run } from '../../src/pipeline/model.ts'
import { jobUsageOfRun } from '../../src/store/job-usage.ts'
import { findLatestRun, getRun } from '../../src/store/runs.ts'
import { pipeline, repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import type { Task } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'

/** How long hints are gathered, in ms. */
const DEBOUNCE_MS = 2_000
const QUIET_SECONDS = 3
const JOBS_OF_CI = 20
const REMARKS = 6
const CHECK_RUNS = '/repos/{owner}/{repo}/commits/{ref}/check-runs'

const yard = useSwitchyard({
  repositories: [
    repository(
      'busy',
      { pipelines: { gate: pipeline('code', 'ci') } },
      { ci: Array.from({ length: JOBS_OF_CI }, (_, index) => ({ name: `job ${index + 1}`, command: ['true'] })) },
    ),
    repository('solo', {
      reviewQuietSeconds: QUIET_SECONDS,
      pipelines: { reviewed: [...pipeline('code'), { kind: 'review', approvals: 1 }], code: pipeline('code') },
    }),
  ],
  env: { DEBOUNCE_MS: String(DEBOUNCE_MS) },
  script: {
    calls: [
      call('coder', 'Cannot', [
        { do: 'report', report: { status: 'failed', summary: 'The build tool is missing in this environment.' } },
      ]),
      call('coder', '', [
        ...change('note.txt', Array.from({ length: REMARKS }, (_, line) => `line ${line + 1}\n`).join('')),
        done(),
      ]),
      call('responder', '', [
        { do: 'answer-conversations', outcome: 'answered', reply: 'Since it was asked for.', summary: 'Answered.' },
      ]),
    ],
  },
})

async function rolesThatWorked(task: Task): Promise<string[]> {
  const run = await runOf(task)
  return run === null ? [] : (await jobUsageOfRun(yard().app.store.db, run.id)).map(({ role }) => role)
}

async function runOf({ repository: name, number }: Task): Promise<Run | null> {
  const { app, github } = yard()
  const id = await findLatestRun(app.store.db, github.inspect().repository(name).id, number)
  return id === null ? null : getRun(app.store.db, id)
}

test('[ING-7] any number of events about the checks of a head are a few evaluations, not one each', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Many checks', repository: 'acme/busy', label: 'switchyard:gate' })
  await task.until('ready')
  await github.idle()
  const [pull] = task.pulls('acme/busy')
  const head = pull?.pull.headSha ?? 'no pull request'
  const told = github
    .inspect()
    .deliveries()
    .filter(({ event, payload }) => event === 'check_run' && payload.includes(head) && payload.includes('"name":"job '))
  expect(told.length).toBeGreaterThanOrEqual(2 * JOBS_OF_CI)
  const asked = github
    .inspect()
    .requests()
    .filter(({ method, route, path }) => method === 'GET' && route === CHECK_RUNS && path.includes(head))
  const times = github
    .inspect()
    .checks('acme/busy', head)
    .map(({ completedAt }) => Date.parse(completedAt ?? ''))
  const lasted = Math.max(...times) - Math.min(...times)
  // One as the gate is entered, one for each time that hints were gathered, one behind the last.
  expect(asked.length).toBeLessThanOrEqual(3 + Math.ceil(lasted / DEBOUNCE_MS))
})

test('[ING-7] remarks that come one by one are gathered until people are quiet, and answered by one job', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Many remarks', label: 'switchyard:reviewed' })
  const pulls = await waitFor(() => task.pulls('acme/solo').length > 0 && task.pulls('acme/solo'), 'a pull request')
  await waitFor(() => task.statusComment()?.body.includes('0 of 1 approvals'), 'the wait for a review')
  for (let line = 1; line <= REMARKS; line += 1) {
    const comments = [{ path: 'note.txt', line, body: `Why line ${line}?` }]
    await github.as('mona').review('acme/solo', pulls[0]?.issue.number ?? 0, { event: 'COMMENT', comments })
  }
  const threads = () => pulls[0]?.pull.threads ?? []
  await waitFor(() => threads().length === REMARKS && threads().every(({ comments }) => comments.length === 2), 'all answered')
  expect(await rolesThatWorked(task)).toEqual(['coder', 'responder'])
})

test('[NOT-1] failures collapse into one comment: each time it stands in the same one, and says what was the last', async () => {
  const { github, waitFor, world } = yard()
  const task = yard().task({ title: 'Cannot', label: 'switchyard:code' })
  for (const attempts of [1, 2, 3]) {
    // What is shown lags behind: the run itself says when it can be tried again.
    const end = async () => [(await rolesThatWorked(task)).length, (await runOf(task))?.status.state]
    await expect.poll(end, { timeout: 60_000 }).toEqual([attempts, 'failed'])
    if (attempts < 3) await task.reaction(task.comment('hubot', '/yard retry'), 'rocket')
  }
  await task.stateLabel('switchyard/failed')
  await github.idle()
  const text = await waitFor(
    () => /The build tool is missing/.test(task.statusComment()?.body ?? '') && task.statusComment()?.body,
    'why',
  )
  expect(text.match(/@mona/g)).toHaveLength(1)
  const ours = github
    .inspect()
    .comments(task.repository, task.number)
    .filter(({ author }) => author.user.login === world.app.botLogin)
  expect(ours).toHaveLength(1)
})
