import { expect, test } from 'vitest'
import { pipeline, repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { taskAt } from '../task.ts'
import { useSwitchyard } from '../use-switchyard.ts'

const SOLO = 'acme/solo'
const REMARK = {
  repository: SOLO,
  path: 'note.txt',
  line: 1,
  severity: 'high',
  body: 'It greets nobody. Say whom.',
}
const VERDICT = { rating: 0.4, summary: 'The note is half a note.', comments: [REMARK] }

/** A rating out of ten, where one from 0 to 1 is asked for. */
const UNREADABLE = done('Good work, I rate it 10 out of 10.', { verdict: { ...VERDICT, rating: 10 } })

const yard = useSwitchyard({
  repositories: [repository('solo', null), repository('own', { pipelines: { held: pipeline('code', 'merge') } })],
  script: (signals) => ({
    calls: [
      // Asked again, in the same session, it says the same.
      { when: { role: 'reviewer', resumed: true }, actions: [UNREADABLE] },
      call('reviewer', 'Unreadable', [UNREADABLE]),
      // What it is given is the head of the pull request: the note is there, and the base has none.
      call('reviewer', 'Review my note', [
        { do: 'run', argv: ['sh', '-c', 'git diff --name-only main...HEAD | grep -x note.txt'] },
        { do: 'write', path: 'note.txt', content: 'edited by the reviewer' },
        done('I looked at the note.', { verdict: VERDICT }),
      ]),
      call('reviewer', 'Closed while it is looked at', [{ do: 'wait-for', file: `${signals}/never` }]),
      call('reviewer', 'Slow', [
        { do: 'wait-for', file: `${signals}/go-on` },
        done('I looked at the note.', { verdict: VERDICT }),
      ]),
      call('coder', '', [...change('note.txt', 'hello'), done()]),
    ],
  }),
})

async function openPull(title: string, branch: string) {
  const mona = yard().github.as('mona')
  const head = await mona.push(SOLO, branch, { 'note.txt': 'hello\n' }, 'A note')
  const { number } = await mona.openPull(SOLO, { title, body: 'My own words.', head: branch, base: 'main', draft: true })
  return { head, task: taskAt(yard(), { repository: SOLO, number, title }) }
}

test('[STP-19] [CMD-1] the pipeline review looks at a pull request as it stands: the verdict is shown, nothing is touched', async () => {
  const { head, task } = await openPull('Review my note', 'my-note')
  task.label('hubot', 'switchyard:review')
  const text = await task.until('ready')
  expect(task.labels()).not.toContain('switchyard:review')
  expect(text).toContain('The note is half a note.')

  const { inspect } = yard().github
  const check = await yard().waitFor(
    () =>
      inspect()
        .checks(SOLO, head)
        .find(({ name }) => name === 'switchyard / review'),
    'the check run of the review',
  )
  expect(check.output.annotations).toMatchObject([{ path: 'note.txt', start_line: 1 }])
  expect(JSON.stringify(check.output.annotations)).toContain(REMARK.body)

  // A bad verdict is no success, and a look meets no rule that demands the check of a change set.
  expect(check.conclusion).toBe('failure')
  expect(
    inspect()
      .checks(SOLO, head)
      .map(({ name }) => name),
  ).not.toContain('switchyard / change set')

  // It is mona's pull request: nothing but labels and comments of ours is on it.
  const { pull, issue } = inspect().pull(SOLO, task.number)
  expect(issue.body).toBe('My own words.')
  expect(pull).toMatchObject({ draft: true, headSha: head })
  expect(
    inspect()
      .pulls(SOLO)
      .filter(({ issue: { author } }) => author.user.login !== 'mona'),
  ).toEqual([])
  const branches = await inspect().branches(SOLO)
  expect(Object.keys(branches).toSorted()).toEqual(['main', 'my-note'])
})

test('[STP-19] [REP-4] a verdict that cannot be read is asked for again once, and is never a pass', async () => {
  const { head, task } = await openPull('Unreadable verdict', 'unreadable')
  task.comment('hubot', '/yard run review')
  const text = await task.until('failed')
  expect(text).toContain('The agent left no usable report, also after it was asked again.')
  const ours = yard()
    .github.inspect()
    .checks(SOLO, head)
    .find(({ name }) => name === 'switchyard / review')
  expect(ours?.conclusion).not.toBe('success')
})

test('[REP-6] a verdict belongs to the head that was looked at, whatever is pushed meanwhile', async () => {
  const { head, task } = await openPull('Slow', 'slow')
  task.label('hubot', 'switchyard:review')
  await task.stateLabel('switchyard/working')
  const newer = await yard().github.as('mona').push(SOLO, 'slow', { 'note.txt': 'hello all\n' }, 'Greet all')
  await yard().github.idle()
  await yard().signal('go-on')
  await task.until('ready')
  const { inspect } = yard().github
  const checksOf = (sha: string) =>
    inspect()
      .checks(SOLO, sha)
      .filter(({ name }) => name === 'switchyard / review')
  await yard().waitFor(() => checksOf(head).length === 1, 'the check run at the head that was looked at')
  expect(checksOf(newer)).toEqual([])
})

test('[CMD-1] /yard review, asked by its author, is done like anybody’s and answered at the comment', async () => {
  const { head, task } = await openPull('Review my note, please', 'my-own-note')
  await task.reaction(task.comment('mona', '/yard review'), 'rocket')
  expect(await task.until('ready')).toContain('The note is half a note.')
  const { inspect } = yard().github
  expect(
    inspect()
      .pulls(SOLO)
      .find(({ issue }) => issue.number === task.number)?.pull,
  ).toMatchObject({ headSha: head, draft: true })
})

test('[CMD-10] closing the pull request ends its review; a second one beside it is refused', async () => {
  const { task } = await openPull('Closed while it is looked at', 'closed')
  task.label('hubot', 'switchyard:review')
  await task.stateLabel('switchyard/working')
  task.comment('hubot', '/yard run review')
  expect(await task.reply()).toContain('a run of this pull request is [live already]')
  yard().github.as('mona').closePull(SOLO, task.number)
  const text = await task.until('stopped')
  expect(text).toContain('the pull request was closed')
  task.label('hubot', 'switchyard:review')
  expect(await task.reply(2)).toContain('the pull request is not open')
})

test('[CMD-1] a pull request that a live run works on is not reviewed by another one beside it', async () => {
  const run = yard().task({ repository: 'acme/own', title: 'Held', label: 'switchyard:held' })
  await run.until('needs you')
  const number = run.pulls('acme/own')[0]?.issue.number ?? 0
  const task = taskAt(yard(), { repository: 'acme/own', number, title: 'the pull request of Held' })
  task.label('hubot', 'switchyard:review')
  expect(await task.reply()).toContain('is [live already]')
})

test('[CMD-1] a pipeline that changes code is refused on a pull request, with those that can run there', async () => {
  const { task } = await openPull('Change me', 'change')
  task.label('hubot', 'switchyard')
  expect(await task.reply()).toMatch(/`default` changes code.*\n.*`fix`, `review` and `plan`/)
  expect(task.statusComment()).toBeNull()
})
