/** Questions before the work, and decisions in it: who asks what, where it is answered, and what becomes of it. */
import { expect, test } from 'vitest'
import { repository } from './repositories.ts'
import { call, change, done } from './script.ts'
import type { Task } from './task.ts'
import { useSwitchyard } from './use-switchyard.ts'
import { isRead } from './what-is-read.ts'

const code = { id: 'code', kind: 'agent' }
const FINDINGS = [
  { kind: 'gap', severity: 'high', text: 'Which currency is it?', suggestion: 'Euro.' },
  { kind: 'question', severity: 'medium', text: 'Is it rounded up?' },
  { kind: 'risk', severity: 'low', text: 'Old prices stay as they are.' },
]
const read = (findings: unknown[], brief = 'Writes the price down.') => done('Read.', { findings: { brief, findings } })

const yard = useSwitchyard({
  repositories: [
    repository('solo', {
      pipelines: { ask: [{ kind: 'questions' }, code], choose: [code], ship: [code, { kind: 'merge' }] },
    }),
  ],
  script: {
    calls: [
      call('requirements', ['Open points', 'Francs, as before'], [read([], 'Writes the price down, in francs.')]),
      call('requirements', '', [read(FINDINGS)]),
      call('coder', ['Before or after', 'The decision: After tax'], [...change('note.txt', 'after\n'), done()]),
      call('coder', 'Before or after', [
        {
          do: 'report',
          report: {
            status: 'needs-decision',
            summary: 'It can be read both ways.',
            question: 'Is the discount taken off before or after tax?',
            options: ['Before tax', 'After tax'],
          },
        },
      ]),
      call('coder', '', [...change('note.txt', 'price\n'), done()]),
    ],
  },
})

/** Comments of Switchyard's that hold questions. */
function questions(task: Task) {
  return yard()
    .github.inspect()
    .comments(task.repository, task.number)
    .filter(({ body }) => body.startsWith('<!-- switchyard:questions '))
}

test('[STP-4] questions stand in one comment; they are answered by quote and command, dismissed by box, and read again', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Open points', label: 'switchyard:ask' })
  const asked = await task.until('needs you')
  const comment = await waitFor(() => questions(task)[0], 'the questions')
  const first = comment.body
  expect(asked).toContain(`#issuecomment-${comment.id}`)
  isRead('Questions', 'Questions before the work', 'The reader of the task asks three things; the run waits.', asked, first)

  const line = (id: string) => comment.body.split('\n').find((text) => text.includes(`**${id}**`)) ?? ''
  const quote = task.comment('hubot', `> ${line('Q1')}\n\nFrancs, as before.\n`)
  await waitFor(() => comment.body.includes('✓ **Q1**'), 'the first answer')
  await task.reaction(quote, 'rocket')
  github.as('hubot').tick(task.repository, comment.id, '**Q3**')
  await waitFor(() => comment.body.includes('– **Q3**'), 'the dismissal')
  const some = comment.body
  expect(some).toContain('Answered by hubot: Francs, as before.')
  expect(some).toContain('- [ ] **Q2**')
  isRead('Questions', 'Answered in part', 'hubot quoted the first question and wrote below it, and ticked the third.', some)

  task.comment('hubot', '/yard answer Q2 no\n\nNever up.')
  await task.until('ready')
  await waitFor(() => comment.body.includes('no question is open'), 'the questions as settled')
  expect(questions(task)).toHaveLength(1)
  expect(task.replies()).toEqual([])
  expect(task.statusComment()?.body).toContain('Writes the price down, in francs.')
})

test('[STP-4] a quote by somebody without rights, of two questions at once, or of none that is asked changes nothing', async () => {
  const task = yard().task({ title: 'Quoted wrongly', label: 'switchyard:ask' })
  await task.until('needs you')
  const rita = task.comment('rita', '> - [ ] **Q1** x\n\nPounds.')
  expect(await task.reply(1)).toContain('was not done: steering a run needs')
  await task.reaction(rita, 'confused')
  task.comment('hubot', '> **Q1** x\n> **Q2** y\n\nPounds.')
  expect(await task.reply(2)).toContain('It is not clear which of Q1 and Q2 that answers.')
  const other = task.comment('hubot', '> **Q9** x\n\nPounds.')
  task.comment('hubot', '/yard proceed')
  await task.until('ready')
  expect(task.reactions(other)).toEqual([])
  expect(questions(task)[0]?.body).toContain('○ **Q1** Which currency is it? Left open.')
})

test('[STP-9] an agent asks for a decision, and goes on with the option that a person ticks', async () => {
  const { github } = yard()
  const task = yard().task({ title: 'Before or after', label: 'switchyard:choose' })
  const asked = await task.until('needs you')
  isRead('Questions', 'A decision', 'The coder found that it can be read both ways.', asked)
  const comment = task.statusComment()
  github.as('hubot').tick(task.repository, comment?.id ?? 0, 'After tax')
  await task.until('ready')
  expect(task.pulls('acme/solo')).toHaveLength(1)
})

test('[CS-6] revert reaches a run that is done, from its merged pull request', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'Take it back', label: 'switchyard:ship' })
  await task.until('needs you')
  const number = task.pulls('acme/solo')[0]?.issue.number ?? 0
  task.comment('mona', '/yard merge')
  await task.until('merged')
  github.as('mona').comment('acme/solo', number, '/yard revert')
  await waitFor(() => task.statusComment()?.body.includes('takes it back'), 'the revert in the status comment')
  const after = task.statusComment()?.body ?? ''
  expect(after).toContain('### Switchyard · merged')
  const reverts = github
    .inspect()
    .pulls('acme/solo')
    .filter(({ pull: one }) => one.headRef.startsWith('revert-'))
  expect(reverts).toHaveLength(1)
})
