import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, plan } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'

const yard = useSwitchyard({
  repositories: [repository('solo', null)],
  script: {
    calls: [
      call('planner', 'Just plan', [plan(['acme/solo'])]),
      call('planner', 'Nowhere', [plan(['acme/solo', 'acme/nowhere'])]),
      call('planner', 'The decision: MariaDB', [plan(['acme/solo'], { summary: 'Notes are kept in MariaDB.' })]),
      call('planner', 'Which database', [
        {
          do: 'report',
          report: {
            status: 'needs-decision',
            summary: 'Two ways are open.',
            question: 'Where are the notes kept?',
            options: ['SQLite', 'MariaDB'],
          },
        },
      ]),
      call('planner', 'Nothing', [
        { do: 'report', report: { status: 'noop', summary: 'There is nothing to do.', reason: 'The note is there already.' } },
      ]),
    ],
  },
})

test('[STP-19] plan yields a plan and ends: nothing is pushed, nothing is opened', async () => {
  const task = yard().task({ title: 'Just plan', label: 'switchyard:plan' })
  const text = await task.until('ready')
  expect(text).toContain('Writes down what was asked for.')
  const { inspect } = yard().github
  expect(Object.keys(await inspect().branches('acme/solo'))).toEqual(['main'])
  expect(inspect().pulls('acme/solo')).toEqual([])
  expect(task.issue().state).toBe('open')
})

test('[STP-2] a plan that names a repository outside the task is corrected, and refused when it stays so', async () => {
  const task = yard().task({ title: 'Nowhere', label: 'switchyard:plan' })
  const text = await task.until('failed')
  expect(text).toContain('acme/nowhere is not among this task')
})

test('[STP-9] a question with options stops the step; an option of a person has it done again with the choice', async () => {
  const task = yard().task({ title: 'Which database', label: 'switchyard:plan' })
  const text = await task.until('needs you')
  expect(text).toContain('Where are the notes kept?')
  for (const option of ['SQLite', 'MariaDB']) expect(text).toContain(option)
  const wrong = task.comment('hubot', '/yard answer 3')
  expect(await task.reply()).toContain('There is no option 3')
  await task.reaction(wrong, 'confused')
  const right = task.comment('hubot', '/yard answer 2')
  await task.reaction(right, 'rocket')
  expect(await task.until('ready')).toContain('Notes are kept in MariaDB.')
})

test('[STP-2] a planner who finds nothing to do ends the run with the reason', async () => {
  const task = yard().task({ title: 'Nothing', label: 'switchyard:plan' })
  expect(await task.until(/done|nothing/)).toContain('The note is there already.')
})
