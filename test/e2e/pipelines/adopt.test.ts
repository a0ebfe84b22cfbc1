/** A person's pull request: looked at from anywhere, put into order on its own branch, and left to its author. */
import process from 'node:process'
import { expect, test } from 'vitest'
import { git } from '../../github/state/git.ts'
import { pipeline, repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { taskAt } from '../task.ts'
import { useSwitchyard } from '../use-switchyard.ts'

const SOLO = 'acme/solo'
const BODY = 'My own words.'
const VERDICT = { rating: 0.8, summary: 'A good note.', comments: [] }

/** Answers the one conversation of its prompt. */
const ANSWER = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const { SWITCHYARD_PROMPT_FILE: prompt, SWITCHYARD_REPORT_FILE: file, SWITCHYARD_NONCE: nonce } = process.env
  const [, thread] = /^## Conversation (\\S+) in /m.exec(readFileSync(prompt, 'utf8'))
  const threads = [{ thread, outcome: 'changed', reply: 'Greets the world now.' }]
  writeFileSync(file, JSON.stringify({ nonce, status: 'success', summary: 'Answered.', threads }))`

const yard = useSwitchyard({
  // A push that somebody else's came before is refused by git, and the job is done again on top of it.
  env: { RETRY_INFRASTRUCTURE_ATTEMPTS: '1', RETRY_GAP_MS: '100' },
  repositories: [
    repository('solo', { reviewQuietSeconds: 0.3, noChecksGraceSeconds: 1 }),
    repository('own', { pipelines: { held: pipeline('code', 'merge') } }),
  ],
  script: (signals) => ({
    calls: [
      call('fixer', 'Red note', [...change('red', ''), { do: 'run', argv: ['git', 'rm', '-q', 'red'] }, done('Mended.')]),
      call('fixer', 'Pushed meanwhile', [
        { do: 'wait-for', file: `${signals}/pushed` },
        { do: 'run', argv: ['git', 'rm', '-q', 'red'] },
        done('Mended.'),
      ]),
      call('responder', 'Remarked on', [
        ...change('note.txt', 'hello world\n'),
        { do: 'run', argv: [process.execPath, '-e', ANSWER] },
      ]),
      call('reviewer', '', [
        { do: 'run', argv: ['sh', '-c', 'git diff --name-only main...HEAD | grep -x note.txt'] },
        done('I looked at the note.', { verdict: VERDICT }),
      ]),
      call('coder', '', [...change('note.txt', 'hello'), done()]),
    ],
  }),
})

async function openPull(login: string, title: string, files: Record<string, string>, draft = false) {
  const person = yard().github.as(login)
  const branch = title.toLowerCase().replaceAll(' ', '-')
  const head = await person.push(SOLO, branch, { 'note.txt': 'hello\n', ...files }, 'A note')
  const { number } = await person.openPull(SOLO, { title, body: BODY, head: branch, base: 'main', draft })
  return { head, branch, task: taskAt(yard(), { repository: SOLO, number, title }) }
}

async function openFromFork(title: string) {
  const { github } = yard()
  const rita = github.as('rita')
  if (!github.inspect().repositories().includes('rita/solo')) await rita.fork(SOLO)
  const branch = title.toLowerCase().replaceAll(' ', '-')
  const head = await rita.push('rita/solo', branch, { 'note.txt': 'hello\n' }, 'A note')
  const { number } = await rita.openPull(SOLO, { title, body: BODY, head: `rita:${branch}`, base: 'main' })
  return { head, branch, task: taskAt(yard(), { repository: SOLO, number, title }) }
}

test('[CMD-1] /yard fix, asked by the author, mends the red checks on the branch itself and leaves the rest as it was', async () => {
  const { github, waitFor } = yard()
  const { head, branch, task } = await openPull('hubot', 'Red note', { red: 'broken on purpose\n' }, true)
  const comment = task.comment('hubot', '/yard fix')
  await task.reaction(comment, 'rocket')
  const text = await task.until('ready')
  expect(text).toContain('**Back to you.**')

  const { pull, issue } = github.inspect().pull(SOLO, task.number)
  expect(pull.headRef).toBe(branch)
  expect(pull.headSha).not.toBe(head)
  await waitFor(
    () =>
      github
        .inspect()
        .checks(SOLO, pull.headSha)
        .some(({ name, conclusion }) => name === 'test' && conclusion === 'success'),
    'green checks at the new head',
  )
  expect(issue).toMatchObject({ title: 'Red note', body: BODY, state: 'open' })
  expect(pull).toMatchObject({ draft: true, merged: null })
  expect(Object.keys(await github.inspect().branches(SOLO)).filter((name) => name.startsWith('switchyard/'))).toEqual([])
})

test('[CMD-1] [RUN-8] what its author pushes while the fixer works is kept', async () => {
  const { github, signal } = yard()
  const { branch, task } = await openPull('hubot', 'Pushed meanwhile', { red: 'broken on purpose\n' })
  task.label('mona', 'switchyard:fix')
  await yard().waitFor(() => /fixing/.test(task.statusComment()?.body ?? ''), 'a fixer at work')
  const pushed = await github.as('hubot').push(SOLO, branch, { 'more.txt': 'more\n' }, 'More')
  await signal('pushed')
  await task.until('ready')
  const { pull } = github.inspect().pull(SOLO, task.number)
  expect(pull.headSha).not.toBe(pushed)
  const { dir } = github.inspect().repository(SOLO)
  expect((await git(dir, ['ls-tree', '--name-only', pull.headSha])).split('\n')).toEqual(
    expect.arrayContaining(['more.txt', 'note.txt']),
  )
  expect((await git(dir, ['merge-base', pushed, pull.headSha])).trim()).toBe(pushed)
})

test('[CMD-1] [GATE-7] /yard fix answers the remarks that are open, and does not wait for an approval', async () => {
  const { github } = yard()
  const { task } = await openPull('hubot', 'Remarked on', {})
  const comments = [{ path: 'note.txt', line: 1, body: 'Greet the world.' }]
  await github.as('mona').review(SOLO, task.number, { event: 'REQUEST_CHANGES', body: '', comments })
  task.comment('hubot', '/yard fix')
  await task.until('ready')
  const { pull } = github.inspect().pull(SOLO, task.number)
  expect(pull.threads).toMatchObject([{ resolved: true }])
  expect(pull.threads[0]?.comments.at(-1)?.body).toContain('Greets the world now.')
})

test('[CMD-1] one from a fork is looked at; to change it is refused, with what to do instead', async () => {
  const { github } = yard()
  const { head, branch, task } = await openFromFork('Note of a reader')
  const refused = task.comment('mona', '/yard fix')
  expect(await task.reply()).toMatch(/it comes from a fork.*\n.*Push its branch into acme\/solo.*`\/yard review`/)
  await task.reaction(refused, 'confused')
  expect(task.statusComment()).toBeNull()

  task.comment('mona', '/yard review')
  const text = await task.until('ready')
  expect(text).toContain('A good note.')
  expect(Object.keys(await github.inspect().branches(SOLO))).not.toContain(branch)
  expect(github.inspect().pull(SOLO, task.number).pull.headSha).toBe(head)
})

test('[CMD-1] [CMD-3] an author without the permission is told who has it', async () => {
  const { task } = await openFromFork('Note of somebody')
  task.comment('rita', '/yard review')
  expect(await task.reply()).toContain('starting a run needs')
})

test('[CMD-1] a pull request of a live run is refused with a link to it, and an issue with what is for issues', async () => {
  const run = yard().task({ repository: 'acme/own', title: 'Held', label: 'switchyard:held' })
  await run.until('needs you')
  const number = run.pulls('acme/own')[0]?.issue.number ?? 0
  const task = taskAt(yard(), { repository: 'acme/own', number, title: 'the pull request of Held' })
  task.comment('hubot', '/yard fix')
  expect(await task.reply()).toMatch(/is \[live already\]\(http[^)]*\/own\/pull\/\d+#issuecomment-/)

  const issue = yard().task({ title: 'No pull request', repository: SOLO })
  issue.comment('hubot', '/yard fix')
  expect(await issue.reply()).toContain('it is for pull requests')
  issue.label('hubot', 'switchyard:fix')
  expect(await issue.reply(2)).toContain('the pipeline `fix` is for pull requests')
})
