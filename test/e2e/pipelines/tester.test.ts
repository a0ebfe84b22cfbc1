/** The step kind `test`, which no built-in pipeline has: a tester, and the fixer that works for it. */
import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { tallied, tally } from './answers.ts'

const steps = [
  { id: 'code', kind: 'agent' },
  { kind: 'test', attempts: 2 },
]
const concern = (severity: string) => ({ text: 'It greets nobody.', severity, path: 'note.txt', line: 1 })

function tests(greenlight: boolean, ...concerns: object[]) {
  return done('Tried out.', { test: { greenlight, outcomes: [{ name: 'It greets', ok: greenlight }], concerns } })
}

const yard = useSwitchyard({
  repositories: [repository('solo', { pipelines: { tested: steps } })],
  script: (signals) => ({
    calls: [
      call('coder', '', [...change('note.txt', 'hello\n'), done()]),
      // One concern sends even a greenlit first round back; in a later one a low concern is let pass.
      call('tester', 'Mended once', [tally(signals, 'tests'), tests(true, concern('low'))]),
      call('fixer', 'Mended once', [...change('fixed.txt', 'fixed\n'), done()]),
      call('tester', 'Never', [tally(signals, 'never'), tests(false, concern('high'))]),
      call('fixer', 'Never', [...change('second.txt', 'again\n'), done()], { fileExists: 'first.txt' }),
      call('fixer', 'Never', [...change('first.txt', 'first\n'), done()]),
      call('tester', 'Lazy', [tests(false, concern('critical'))]),
      call('fixer', 'Lazy', [done('I see nothing to do.')]),
    ],
  }),
})

test('[STP-10] the first round needs a greenlight without any concern, a later one none that is high', async () => {
  const task = yard().task({ title: 'Mended once', label: 'switchyard:tested' })
  await task.until('ready')
  expect(await tallied(yard(), 'tests')).toBe(2)
})

test('[STP-10] a tester that never greenlights is capped: a person decides, and can go on as it is', async () => {
  const task = yard().task({ title: 'Never', label: 'switchyard:tested' })
  const text = await task.until('needs you')
  expect(text).toContain('It greets nobody.')
  expect(await tallied(yard(), 'never')).toBe(3)
  task.comment('hubot', '/yard proceed')
  await task.until('ready')
})

test('[STP-10] [GATE-1] a fixer that changes nothing is not asked again: a person is', async () => {
  const task = yard().task({ title: 'Lazy', label: 'switchyard:tested' })
  const text = await task.until('needs you')
  expect(text).toContain('the fix changed nothing')
  task.comment('hubot', '/yard stop')
  await task.until('stopped')
})
