import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done, plan } from '../script.ts'
import type { Task } from '../task.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { approve, asks, pullOf, rates, tallied, tally } from './answers.ts'

const SOLO = 'acme/solo'
/** The steps of the pipeline, as people read them. */
const STAGES = ['Questions', 'Plan', 'Approval', 'Code', 'Review', 'Validation', 'Conflicts', 'Checks', 'Human review', 'Merge']
/** As many rounds of questions as the pipeline has. */
const ROUNDS = 6

/** The comment with the questions of a task. */
function questionsOf({ repository: where, number }: Task): string {
  const comments = yard().github.inspect().comments(where, number)
  return comments.findLast(({ body }) => body.startsWith('<!-- switchyard:questions '))?.body ?? ''
}

const yard = useSwitchyard({
  repositories: [
    repository('solo', {
      reviewQuietSeconds: 0,
      validation: [{ name: 'greets', run: 'grep -q Guten note.txt || { echo no greeting; exit 1; }' }],
    }),
  ],
  script: (signals) => ({
    calls: [
      call('requirements', ['The whole way', 'In German, please.'], [asks()]),
      call('requirements', 'The whole way', [asks('In which language?')]),
      call('planner', ['The whole way', 'In German, please.'], [plan([SOLO])]),
      // The first note has no greeting: the validation sends it back with what it printed.
      call(
        'coder',
        ['The whole way', 'These commands must succeed', 'no greeting'],
        [...change('note.txt', 'Guten Tag\n'), done('Greets.')],
      ),
      call('coder', 'The whole way', [...change('note.txt', 'Tag\n'), done()]),
      call('reviewer', 'The whole way', [{ do: 'wait-for', file: `${signals}/reviewed-by-people` }, rates(0.9)]),

      // Each answer raises the next question.
      ...Array.from({ length: ROUNDS }, (_, index) =>
        call('requirements', ['No end of questions', `Is it ${ROUNDS - index}?`], [asks(`Is it ${ROUNDS - index + 1}?`)]),
      ),
      call('requirements', 'No end of questions', [asks('Is it 1?')]),
      call('planner', 'No end of questions', [tally(signals, 'planned'), plan([SOLO])]),

      call('planner', '', [plan([SOLO])]),
      call('coder', 'Never good enough', [
        tally(signals, 'coded'),
        { do: 'run', argv: ['sh', '-c', 'echo Guten Abend >> note.txt'] },
        { do: 'commit', message: 'Say it once more' },
        done(),
      ]),
      call('reviewer', 'Never good enough', [rates(0.3, 'It could be friendlier.')]),
    ],
  }),
})

test('[STP-19] [STP-4] [STP-8] [STP-11] [GATE-6] [GATE-7] default, every step of it: asked, approved, red and green, in conflict, reviewed, merged', async () => {
  const { github, waitFor } = yard()
  const task = yard().task({ title: 'The whole way', label: 'switchyard' })

  // questions
  await task.until('needs you')
  task.comment('hubot', '/yard answer Q1 In German, please.')
  // plan, approval
  await approve(task)
  // code; before the gates look, the base moves into the way, and a person has something to say
  const { issue, pull } = await pullOf(waitFor, task)
  await github.as('mona').push(SOLO, 'main', { 'note.txt': 'Guten Morgen\n' }, 'A note of our own')
  await github.as('hubot').review(SOLO, issue.number, {
    event: 'REQUEST_CHANGES',
    body: '',
    comments: [{ path: 'note.txt', line: 1, body: 'Greet somebody.' }],
  })
  await yard().signal('reviewed-by-people')
  // companion, validate, conflicts, ci, review: the remark is answered, the request stands until its author looks again
  await waitFor(() => task.statusComment()?.body.includes('changes are requested'), 'the wait for hubot')
  const [thread] = github.inspect().pull(SOLO, issue.number).pull.threads
  expect(thread).toMatchObject({ resolved: true })
  expect(thread?.comments.at(-1)?.author.user.login).toBe(yard().world.app.botLogin)
  await github.as('hubot').review(SOLO, issue.number, { event: 'APPROVE' })
  // merge
  await task.until('needs you')
  task.comment('mona', '/yard merge')
  const text = await task.until('merged')
  const done = [...text.matchAll(/^\| ✓\s([^|]+) \|/gm)].flatMap(([, stages = '']) => stages.split(' · '))
  expect(done.map((stage) => stage.trim())).toEqual(STAGES)
  expect(pull.merged).not.toBeNull()
  const { headSha } = github.inspect().pull(SOLO, issue.number).pull
  expect(
    github
      .inspect()
      .checks(SOLO, headSha)
      .find(({ name }) => name === 'test')?.conclusion,
  ).toBe('success')
  await waitFor(() => task.issue().state === 'closed', 'the issue closed')
})

test('[STP-19] [STP-4] questions without end: after six rounds a person decides, and can go on with what is known', async () => {
  const task = yard().task({ title: 'No end of questions', label: 'switchyard' })
  for (let round = 1; round <= ROUNDS; round += 1) {
    await yard().waitFor(() => questionsOf(task).includes(`round ${round} `), `round ${round}`)
    task.comment('hubot', `/yard answer Q${round} It is not ${round}.`)
  }
  await yard().waitFor(() => task.statusComment()?.body.includes(`after ${ROUNDS} rounds`), 'the cap')
  expect(await tallied(yard(), 'planned')).toBe(0)
  task.comment('hubot', '/yard proceed')
  await task.planHash()
  expect(await tallied(yard(), 'planned')).toBe(1)
  task.comment('hubot', '/yard stop')
  await task.until('stopped')
})

test('[STP-19] [STP-7] rated under the threshold again and again: after three reworks a person decides', async () => {
  const task = yard().task({ title: 'Never good enough', label: 'switchyard' })
  await approve(task)
  await yard().waitFor(() => task.statusComment()?.body.includes('rated 0.3, 3 reworks'), 'the cap')
  await task.until('needs you')
  expect(await tallied(yard(), 'coded')).toBe(4)
  task.comment('hubot', '/yard proceed')
  await yard().waitFor(() => task.statusComment()?.body.includes('/yard merge'), 'the merge')
  task.comment('hubot', '/yard stop')
  await task.until('stopped')
})
