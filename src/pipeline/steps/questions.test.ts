import { describe, expect, test } from 'vitest'
import { aStep, stepId } from '../../../test/support/core/build.ts'
import { type Drive, drive } from '../../../test/support/core/drive.ts'
import { aFinding, pauseAndResume, readTask } from '../../../test/support/core/explored.ts'
import { failedJob, noop, worked } from '../../../test/support/core/results.ts'
import type { Finding } from '../../contract/report.ts'
import { describeStep } from '../describe.ts'
import { openQuestions } from './questions.ts'

const reading = (options = {}) => {
  const run = drive({ steps: [aStep('questions', 'questions', options), aStep('agent', 'code')] })
  run.send({ type: 'run.admitted' })
  return run
}
const asking = (findings: Finding[] = [aFinding('high', 'Which tax?'), aFinding('low', 'Which colour?')], options = {}) => {
  const run = reading(options)
  run.finish(readTask(findings))
  return run
}
const answer = (run: Drive, id: string | null, text = 'yes') => run.say('command.answer', { id, text, dismiss: false })
const dismiss = (run: Drive, id: string) => run.say('command.answer', { id, text: '', dismiss: true })
const open = (run: Drive) =>
  (openQuestions(run.step('questions')) ?? [])
    .filter(({ how }) => how === 'open')
    .map(({ id, finding }) => `${id} ${finding.text}`)

describe('[STP-4] reading the task', () => {
  test('a role reads it and edits nothing; with nothing open the brief goes on', () => {
    const run = reading()
    expect(run.effect('enqueue-job')).toMatchObject({ role: 'requirements', mode: 'explore' })
    run.finish(readTask([], 'Show it in cents.'))
    expect(run.step('questions').output).toEqual({
      kind: 'questions',
      brief: 'Show it in cents.',
      settled: [],
      rounds: 0,
    })
    expect(describeStep(run.run, run.step('questions'))).toBe('nothing was unclear')
    expect(run.job()).toBe('run1-code-1')
  })

  test('findings wait for a person, the severest first, each with a number', () => {
    const run = asking([aFinding('low', 'a'), aFinding('high', 'b'), aFinding('medium', 'c'), aFinding('high', 'd')])
    expect(run.wait()).toMatchObject({ for: 'person', what: 'answers' })
    expect(open(run)).toEqual(['Q1 b', 'Q2 d', 'Q3 c', 'Q4 a'])
    expect(describeStep(run.run, run.step('questions'))).toBe('round 1: 4 open')
  })

  test('twenty are kept at most, the severest', () => {
    const many = Array.from({ length: 19 }, (_, index) => aFinding('low', `low ${index}`))
    const run = asking([...many, aFinding('high', 'h')])
    dismiss(run, 'Q1')
    expect(open(run)).toHaveLength(19)
    // A report cannot have more than twenty; a stored one of another version might.
    const more = asking([...many, ...many.map(({ text }) => aFinding('high', `more ${text}`))])
    expect(open(more)).toHaveLength(20)
    expect(open(more)[18]).toContain('more')
  })

  test.each([
    ['none', 'low', true],
    ['low', 'low', false],
    ['low', 'medium', true],
    ['medium', 'medium', false],
    ['medium', 'high', true],
  ] as const)('tolerating %s, a finding of severity %s stops the run: %s', (tolerate, severity, stops) => {
    const run = asking([aFinding(severity, 'Which?')], { tolerate })
    if (stops) expect(run.wait()).toMatchObject({ for: 'person' })
    else expect(run.step('questions').output).toMatchObject({ settled: [{ id: 'Q1', how: 'open', answer: null }] })
  })

  test('a failing reader fails the step; success without findings is no reading; a task that is done ends the run', () => {
    const failed = reading()
    failed.finish(failedJob('model'))
    expect(failed.run.status).toMatchObject({ state: 'failed', failure: { cause: 'model' } })
    const empty = reading()
    empty.finish(worked())
    expect(empty.run.status).toMatchObject({ state: 'failed', failure: { cause: 'no-usable-output' } })
    const done = reading()
    done.finish(noop())
    expect(done.run.status).toMatchObject({ state: 'done', outcome: 'nothing-to-do' })
  })
})

describe('[STP-4] answering', () => {
  test('by id, in any case; the last answer has the role read again with all of the round', () => {
    const run = asking()
    expect(answer(run, 'q1', '20 percent').result).toBe('done')
    expect(open(run)).toEqual(['Q2 Which colour?'])
    expect(run.wait()).toMatchObject({ for: 'person', what: 'answers' })
    answer(run, 'Q2', 'blue')
    expect(run.job()).toBe('run1-questions-2')
    expect(run.step('questions').feedback).toMatchObject([
      {
        from: 'person',
        by: 'alice',
        text: 'Q1: Which tax?\nAnswer: 20 percent\n\nQ2: Which colour?\nAnswer: blue',
        earlier: 'Show the tax.',
      },
    ])
    run.finish(readTask([], 'Show 20 percent, in blue.'))
    expect(run.step('questions').output).toMatchObject({
      brief: 'Show 20 percent, in blue.',
      settled: [
        { id: 'Q1', how: 'answered', answer: '20 percent', by: 'alice' },
        { id: 'Q2', how: 'answered', answer: 'blue', by: 'alice' },
      ],
      rounds: 1,
    })
    expect(run.step('questions').feedback).toEqual([])
  })

  test('without an id only where exactly one is open', () => {
    const run = asking()
    expect(answer(run, null)).toMatchObject({ result: 'refused', text: expect.stringContaining('Q1, Q2') })
    answer(run, 'Q2')
    expect(answer(run, null, '20 percent').result).toBe('done')
    expect(run.job()).toBe('run1-questions-2')
  })

  test('an unknown id and an empty answer are refused, with what is open', () => {
    const run = asking()
    expect(answer(run, 'Q9')).toMatchObject({ result: 'refused', text: 'There is no question Q9 now; open are Q1, Q2.' })
    expect(answer(run, 'Q1', '  ')).toMatchObject({ result: 'refused', text: expect.stringContaining('dismiss Q1') })
    expect(open(run)).toHaveLength(2)
  })

  test('dismissing settles without words', () => {
    const run = asking([aFinding('high', 'Which tax?')])
    dismiss(run, 'Q1')
    expect(run.step('questions').feedback[0]?.text).toBe('Q1: Which tax?\nDismissed: it needs no answer.')
    run.finish(readTask())
    expect(run.step('questions').output).toMatchObject({ settled: [{ how: 'dismissed', answer: null, by: 'alice' }] })
  })

  test('what is tolerated need not be answered, and can be; a second answer in the round corrects the first', () => {
    const run = asking([aFinding('high', 'a'), aFinding('high', 'b'), aFinding('low', 'c')], { tolerate: 'low' })
    answer(run, 'Q1', 'no')
    answer(run, 'Q1', 'yes')
    answer(run, 'Q3', 'blue')
    expect(run.wait()).toMatchObject({ for: 'person' })
    answer(run, 'Q2')
    expect(run.step('questions').feedback[0]?.text).toContain('Q1: a\nAnswer: yes')
    expect(run.step('questions').feedback[0]?.text).toContain('Answer: blue')
  })

  test('numbers count on over rounds; what was settled is not asked again, however it is written', () => {
    const run = asking([aFinding('high', 'Which tax?')])
    answer(run, 'Q1')
    run.finish(readTask([aFinding('high', 'WHICH  tax!'), aFinding('medium', 'Which country?')]))
    expect(open(run)).toEqual(['Q2 Which country?'])
    expect(answer(run, 'Q1')).toMatchObject({ result: 'refused', text: expect.stringContaining('open are Q2') })
    answer(run, 'Q2')
    run.finish(readTask([aFinding('high', 'which country')]))
    expect(run.step('questions').output).toMatchObject({ rounds: 2, settled: [{ id: 'Q1' }, { id: 'Q2' }] })
  })

  test('what was tolerated keeps its number while it is found again, and is gone when it is not', () => {
    const run = asking([aFinding('high', 'a'), aFinding('low', 'b'), aFinding('low', 'c')], { tolerate: 'low' })
    answer(run, 'Q1')
    run.finish(readTask([aFinding('low', 'c'), aFinding('low', 'd')]))
    expect(run.step('questions').output).toMatchObject({
      settled: [
        { id: 'Q1', how: 'answered' },
        { id: 'Q3', how: 'open' },
        { id: 'Q4', how: 'open' },
      ],
    })
  })

  test('changes are the next round, with the words and the answers so far', () => {
    const run = asking()
    answer(run, 'Q1', '20 percent')
    run.say('command.changes', { text: 'It is about books only.' })
    expect(run.job()).toBe('run1-questions-2')
    expect(run.step('questions').feedback[0]?.text).toBe('Q1: Which tax?\nAnswer: 20 percent\n\nIt is about books only.')
    run.finish(readTask([aFinding('low', 'Which colour?')]))
    expect(open(run)).toEqual(['Q2 Which colour?'])
  })

  test('proceeding goes on with what is open', () => {
    const run = asking()
    answer(run, 'Q1', '20 percent')
    run.say('command.proceed', {})
    expect(run.step('questions').output).toMatchObject({
      brief: 'Show the tax.',
      settled: [
        { id: 'Q1', how: 'answered', answer: '20 percent' },
        { id: 'Q2', how: 'open', answer: null, by: null },
      ],
    })
    expect(describeStep(run.run, run.step('questions'))).toBe('1 settled, 1 left open')
    expect(run.job()).toBe('run1-code-1')
  })

  test('while the role reads there is nothing to answer, and no questions to show', () => {
    const run = reading()
    expect(answer(run, 'Q1').result).toBe('refused')
    expect(run.say('command.proceed', {}).result).toBe('refused')
    expect(openQuestions(run.step('questions'))).toBeNull()
    expect(openQuestions(run.step('code'))).toBeNull()
  })
})

describe('[STP-4] questions without end', () => {
  /** Answers everything; each reading finds something new. */
  const endless = (options: object, rounds: number) => {
    const run = reading(options)
    for (let round = 1; round <= rounds; round += 1) {
      run.finish(readTask([aFinding('high', `question ${round}`)]))
      answer(run, `Q${round}`)
    }
    run.finish(readTask([aFinding('high', 'one more')]))
    return run
  }

  test('after six rounds a person decides', () => {
    const run = endless({}, 6)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(describeStep(run.run, run.step('questions'))).toBe('1 open after 6 rounds')
    expect(openQuestions(run.step('questions'))).toBeNull()
  })

  test('an extra round asks once more, and no further', () => {
    const run = endless({ rounds: 1 }, 1)
    expect(answer(run, 'Q2')).toMatchObject({ result: 'refused', text: expect.stringContaining('extra-round') })
    run.say('command.extra-round', {})
    expect(open(run)).toEqual(['Q2 one more'])
    answer(run, 'Q2')
    run.finish(readTask([aFinding('high', 'yet one')]))
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(run.step('questions').data).toMatchObject({ rounds: 2, granted: 1 })
  })

  test('proceeding marks what nobody answered as open; stopping ends the run', () => {
    const run = endless({ rounds: 1 }, 1)
    run.say('command.proceed', {})
    expect(run.step('questions').output).toMatchObject({ settled: [{ how: 'answered' }, { id: 'Q2', how: 'open' }] })
    const stopped = endless({ rounds: 1 }, 1)
    stopped.say('command.stop', { why: '' })
    expect(stopped.run.status.state).toBe('stopped')
  })
})

describe('held and begun again', () => {
  test('[RUN-6] a pause keeps the questions and what was answered; answers wait until it is over', () => {
    const run = asking()
    answer(run, 'Q1')
    run.say('command.pause', { why: '', cause: 'person' })
    expect(answer(run, 'Q2').result).toBe('refused')
    run.say('command.resume', {})
    expect(open(run)).toEqual(['Q2 Which colour?'])
    answer(run, 'Q2')
    pauseAndResume(run)
    expect(run.job()).toBe('run1-questions-3')
    expect(run.step('questions').feedback).toHaveLength(1)
    const capped = asking([aFinding('high', 'a')], { rounds: 1 })
    answer(capped, 'Q1')
    capped.finish(readTask([aFinding('high', 'b')]))
    pauseAndResume(capped)
    expect(capped.wait()).toMatchObject({ for: 'person', what: 'cap' })
  })

  test('[RUN-4] a retry keeps the rounds and what was settled; a restart begins with nothing', () => {
    const run = asking()
    answer(run, 'Q1')
    answer(run, 'Q2')
    run.finish(failedJob('model'))
    run.say('command.retry', {})
    expect(run.step('questions').data).toMatchObject({ rounds: 1, last: 2 })
    run.finish(readTask([aFinding('high', 'Which tax?'), aFinding('high', 'new')]))
    expect(open(run)).toEqual(['Q3 new'])
    run.say('command.restart', { step: stepId('questions') })
    run.finish(readTask([aFinding('high', 'Which tax?')]))
    expect(open(run)).toEqual(['Q1 Which tax?'])
  })

  test('[RUN-5] it can be skipped while it asks, and then there is no brief', () => {
    const run = asking()
    run.say('command.skip', { step: stepId('questions'), why: 'clear enough' })
    expect(run.step('questions')).toMatchObject({ status: { state: 'skipped' }, output: null })
    expect(run.job()).toBe('run1-code-1')
  })
})
