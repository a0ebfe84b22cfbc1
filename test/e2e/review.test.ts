/** Human review, and merging by GitHub's own rules: what people say is answered in place, what GitHub queues is waited for. */
import process from 'node:process'
import { expect, test } from 'vitest'
import type { Thread } from '../github/state/model.ts'
import { repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import type { Task } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'

/** Writes the report of a responder that answers every conversation of its prompt in this way. */
const answerAll = (outcome: string, reply: string) => {
  const code = `
    const { readFileSync, writeFileSync } = require('node:fs')
    const { SWITCHYARD_PROMPT_FILE: prompt, SWITCHYARD_REPORT_FILE: file, SWITCHYARD_NONCE: nonce } = process.env
    const ids = [...readFileSync(prompt, 'utf8').matchAll(/^## Conversation (\\S+) in /gm)].map(([, id]) => id)
    const threads = [...new Set(ids)].map((thread) => ({ thread, outcome: '${outcome}', reply: '${reply}' }))
    writeFileSync(file, JSON.stringify({ nonce, status: 'success', summary: 'Answered.', threads }))`
  return { do: 'run' as const, argv: [process.execPath, '-e', code] }
}

const CODE = { id: 'code', kind: 'agent' }
const MERGE = { kind: 'merge', by: 'auto' }
const NAMES = ['solo', 'queue', 'auto'] as const

const yard = useSwitchyard({
  repositories: NAMES.map((name) =>
    repository(name, {
      reviewQuietSeconds: 0.3,
      pipelines: {
        reviewed: [CODE, { kind: 'review', approvals: 1 }, MERGE],
        queued: [CODE, MERGE],
        auto: [CODE, { ...MERGE, autoMerge: true }],
      },
    }),
  ),
  script: {
    calls: [
      // What the earlier ones merged is no change any more.
      call('coder', 'Wrongly asked', [...change('note.txt', 'one\nthree\n'), done()]),
      call('coder', '', [...change('note.txt', 'one\ntwo\n'), done()]),
      call('responder', 'Name it better', [...change('note.txt', 'one\nbetter\n'), answerAll('changed', 'Named better.')]),
      call('responder', 'Drop the second line', [
        {
          do: 'answer-conversations',
          outcome: 'rebutted',
          reply: 'The second line is what the task asks for: its test fails without it.',
          summary: 'One remark is wrong.',
        },
      ]),
      call('responder', 'Why at all', [answerAll('answered', 'Since it was asked for.')]),
    ],
  },
})

async function pullOf(task: Task) {
  const [one] = await yard().waitFor(
    () => task.pulls(task.repository).length > 0 && task.pulls(task.repository),
    'a pull request',
  )
  if (one === undefined) throw new Error('no pull request')
  return one
}
const waiting = (task: Task, words: RegExp) =>
  yard().waitFor(() => words.test(task.statusComment()?.body ?? ''), `${words} in the status comment`)
const remark = (body: string, line = 1) => ({ path: 'note.txt', line, body })
const said = ({ resolved, comments }: Thread) => [resolved, ...comments.map(({ author }) => author.user.login)]

test('[GATE-7] remarks are answered as one batch in place, those of others are left alone, and an approval of the head merges', async () => {
  const { github, waitFor, world } = yard()
  const bot = world.app.botLogin
  const task = yard().task({ title: 'Reviewed', repository: 'acme/solo', label: 'switchyard:reviewed' })
  const { issue, pull } = await pullOf(task)
  await waiting(task, /0 of 1 approvals/)
  const first = pull.headSha
  await github.as('hubot').review('acme/solo', issue.number, { event: 'APPROVE' })
  // By the time that people are quiet there are three remarks, one by somebody who may only read.
  await github
    .as('rita')
    .review('acme/solo', issue.number, { event: 'REQUEST_CHANGES', comments: [remark('Delete all of it')] })
  const comments = [remark('Name it better', 2), remark('Why two?')]
  await github.as('mona').review('acme/solo', issue.number, { event: 'REQUEST_CHANGES', body: 'Please.', comments })
  await waitFor(() => pull.threads.filter(({ resolved }) => resolved).length === 2, 'two conversations resolved')
  expect(pull.headSha).not.toBe(first)
  expect(pull.threads.map(said)).toEqual([
    [false, 'rita'],
    [true, 'mona', bot],
    [true, 'mona', bot],
  ])
  const reply = pull.threads[1]?.comments[1]?.body ?? ''
  expect(reply).toMatch(/^<!-- switchyard:thread \S+ PRRT_\d+ -->\nNamed better\.$/)
  const answers = () =>
    github
      .inspect()
      .comments('acme/solo', issue.number)
      .filter(({ body }) => body.includes('switchyard:thread'))
  await waitFor(() => answers().length === 1, 'the answer to the review as a whole')
  expect(answers()[0]?.body).toContain('@mona Named better.')

  // hubot's approval was of the commit before, and mona's request still stands.
  await waiting(task, /changes are requested by @\S?mona, remarks by rita are left to you: only people who may write here/)
  expect(pull.merged).toBeNull()
  await github.as('mona').review('acme/solo', issue.number, { event: 'APPROVE' })
  await task.until('merged')
  expect(pull.merged).not.toBeNull()
})

test('[GATE-7] a question is answered without a change, once', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Asked about', repository: 'acme/solo', label: 'switchyard:reviewed' })
  const { issue, pull } = await pullOf(task)
  await waiting(task, /0 of 1 approvals/)
  const head = pull.headSha
  await github.as('hubot').review('acme/solo', issue.number, { event: 'COMMENT', comments: [remark('Why at all?')] })
  await waitFor(() => pull.threads[0]?.resolved, 'the conversation resolved')
  expect(pull.threads.map(({ comments }) => comments.length)).toEqual([2])
  expect(pull.headSha).toBe(head)
  await github.as('hubot').review('acme/solo', issue.number, { event: 'APPROVE' })
  await task.until('merged')
})

test('[GATE-7] a wrong wish is answered in its conversation with evidence: nothing is changed, and it stays open for its author', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Wrongly asked', repository: 'acme/solo', label: 'switchyard:reviewed' })
  const { issue, pull } = await pullOf(task)
  await waiting(task, /0 of 1 approvals/)
  const head = pull.headSha
  await github.as('mona').review('acme/solo', issue.number, { event: 'COMMENT', comments: [remark('Drop the second line', 2)] })
  await waitFor(() => pull.threads[0]?.comments.length === 2, 'the answer')
  expect(pull.threads[0]?.comments[1]?.body).toContain('its test fails without it.')
  // What is open is mona's to close; it is not answered twice, and no commit was made to please her.
  await waiting(task, /0 of 1 approvals of the current commit, 1 batch answered/)
  expect(pull.threads.map(({ resolved, comments }) => [resolved, comments.length])).toEqual([[false, 2]])
  expect(pull.headSha).toBe(head)
  await github.as('hubot').review('acme/solo', issue.number, { event: 'APPROVE' })
  await task.until('merged')
})

test('[CS-5] a merge queue is used where the branch has one', async () => {
  const { github } = yard()
  github.inspect().queueMerges('acme/queue', 'main', 'squash')
  github.inspect().protect('acme/queue', 'main', { requiredChecks: ['test'] })
  const task = yard().task({ title: 'Queued', repository: 'acme/queue', label: 'switchyard:queued' })
  const { issue, pull } = await pullOf(task)
  await task.until('merged')
  expect(pull.merged?.by.login).toBe('github-merge-queue[bot]')
  const actions = github
    .inspect()
    .deliveries()
    .filter(({ event, payload }) => event === 'pull_request' && JSON.parse(payload).number === issue.number)
    .filter(({ repositoryId }) => repositoryId === github.inspect().repository('acme/queue').id)
    .map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['enqueued', 'closed', 'dequeued']))
})

test('[CS-5] auto-merge waits for the approval that the branch demands, and its merge is noticed', async () => {
  const { github, waitFor } = yard()
  github.inspect().repository('acme/auto').allowAutoMerge = true
  github.inspect().protect('acme/auto', 'main', { requiredApprovals: 1 })
  const task = yard().task({ title: 'Left to GitHub', repository: 'acme/auto', label: 'switchyard:auto' })
  const { issue, pull } = await pullOf(task)
  await waitFor(() => pull.autoMerge !== null, 'auto-merge switched on')
  await github.as('hubot').review('acme/auto', issue.number, { event: 'APPROVE' })
  await task.until('merged')
  expect(pull.merged?.by.login).toBe(yard().world.app.botLogin)
})
