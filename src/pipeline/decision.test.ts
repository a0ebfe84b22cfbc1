import { describe, expect, test } from 'vitest'
import { API, defaultSteps, sha, stepId, WEB } from '../../test/support/core/build.ts'
import { type Drive, drive, openPulls, pushBoth, reportChecks, toCi, toCode, toReview } from '../../test/support/core/drive.ts'
import { pauseAndResume, undecided } from '../../test/support/core/explored.ts'
import { aCheck, graded, pushed, worked } from '../../test/support/core/results.ts'
import { stepOf } from './state.ts'

const OPTIONS = ['Cents', 'Euros', 'Ask the shop']
const answer = (run: Drive, text: string, id: string | null = null) => run.say('command.answer', { id, text, dismiss: false })

/** Each place from which an agent can ask: how to get there, and what comes of the job that is asked for after the answer. */
const PLACES = [
  { who: 'a coder', step: 'code', role: 'coder', to: () => toCode(drive()), again: (run: Drive) => run },
  { who: 'a companion', step: 'review', role: 'reviewer', to: () => toReview(drive()), again: (run: Drive) => run },
  {
    who: 'a gate’s fixer',
    step: 'ci',
    role: 'fixer',
    to: () => reportChecks(toCi(drive()), [aCheck('failure')]),
    // A gate asks first, always.
    again: (run: Drive) => reportChecks(run, [aCheck('failure')]),
  },
] as const

describe.each(PLACES)('[STP-9] $who that asks instead of ending', ({ step, to, again, role }) => {
  const asked = () => {
    const run = to()
    run.finish(undecided('Cents or euros?', OPTIONS))
    return run
  }

  test('makes the step wait for a person, with the question and its options', () => {
    const run = asked()
    expect(run.wait()).toMatchObject({ for: 'person', what: 'decision', escalated: false })
    expect(run.step(step).question).toEqual({ text: 'Cents or euros?', options: OPTIONS })
    expect(run.last.facts).toContainEqual({ what: 'decision.asked', who: 'switchyard', step, text: 'Cents or euros?' })
  })

  test.each(['0', '4', '99'])('the option %s, which there is not, is refused', (number) => {
    const run = asked()
    const before = run.run
    expect(answer(run, number)).toMatchObject({ result: 'refused', text: expect.stringContaining('there are 1 to 3') })
    expect({ ...run.run, version: 0 }).toEqual({ ...before, version: 0 })
  })

  test('neither nothing nor a dismissal is an answer', () => {
    const run = asked()
    expect(answer(run, ' ').result).toBe('refused')
    expect(run.say('command.answer', { id: null, text: '', dismiss: true }).result).toBe('refused')
    expect(run.step(step).question).not.toBeNull()
  })

  test.each([
    ['by its number', '2', 'Euros'],
    ['in words', 'In cents, but round up.', 'In cents, but round up.'],
    ['by an option’s own words', 'Ask the shop', 'Ask the shop'],
  ])('an answer %s has the step work again with it', (_how, said, decision) => {
    const run = asked()
    expect(answer(run, said).result).toBe('done')
    again(run)
    expect(run.wait()).toMatchObject({ for: 'job' })
    expect(run.effect('enqueue-job')).toMatchObject({ job: run.job(), step, role })
    const { feedback, question, epoch } = run.step(step)
    expect(question).toBeNull()
    expect(feedback.at(-1)).toEqual({
      from: 'person',
      by: 'alice',
      text: `You asked: Cents or euros?\nThe decision: ${decision}`,
    })
    expect(run.run.decisions).toEqual([{ step, question: 'Cents or euros?', answer: decision, by: 'alice' }])
    expect(run.job()).toBe(`run1-${step}-${epoch}`)
  })

  test('a first word that looks like a name belongs to the answer', () => {
    const run = asked()
    answer(run, 'is fine', 'Q1')
    expect(run.run.decisions).toMatchObject([{ answer: 'Q1 is fine' }])
  })

  test('the answer counts once: a second one is refused', () => {
    const run = asked()
    answer(run, '1')
    expect(answer(run, '2').result).toBe('refused')
    expect(run.run.decisions).toHaveLength(1)
  })

  test.each(['command.retry', 'command.proceed', 'command.extra-round', 'command.merge'] as const)(
    'while it is open, %s is refused',
    (type) => {
      const run = asked()
      expect(run.say(type, {})).toMatchObject({ result: 'refused', text: expect.stringContaining('waits for a decision') })
      expect(run.step(step).question).not.toBeNull()
    },
  )

  test('[RUN-7] a stop ends it; [RUN-6] a pause keeps it; a restart forgets it', () => {
    const stopped = asked()
    stopped.say('command.stop', { why: '' })
    expect(stopped.run.status.state).toBe('stopped')
    expect(stopped.step(step).question).toBeNull()
    expect(answer(stopped, '1').result).toBe('refused')

    const held = asked()
    held.say('command.pause', { why: '', cause: 'person' })
    expect(answer(held, '1').result).toBe('refused')
    held.say('command.resume', {})
    expect(held.wait()).toMatchObject({ for: 'person', what: 'decision' })
    expect(answer(held, '1').result).toBe('done')

    const restarted = asked()
    restarted.say('command.restart', { step: stepId(step) })
    expect(restarted.step(step)).toMatchObject({ question: null, feedback: [] })
  })

  test('it is escalated once, and never ends by itself', () => {
    const run = asked()
    run.now += 3 * 3_600_000
    const { epoch } = stepOf(run.run, stepId(step))
    run.send({ type: 'timer.fired', timer: `${step}-${epoch}-escalate` })
    expect(run.wait()).toMatchObject({ what: 'decision', escalated: true })
    expect(answer(run, '1').result).toBe('done')
  })
})

test('[STP-9] the decision stays with the run for every later step; the feedback ends with its own', () => {
  const run = toCode(drive())
  run.finish(undecided())
  answer(run, '1')
  pauseAndResume(run)
  expect(run.step('code').feedback).toHaveLength(1)
  openPulls(pushBoth(run))
  expect(run.step('code').feedback).toEqual([])
  expect(run.run.decisions).toEqual([{ step: 'code', question: 'Cents or euros?', answer: 'Cents', by: 'alice' }])
})

test('a companion that asked has not graded: its first grading still sends back at any comment', () => {
  const run = toReview(drive())
  run.finish(undecided())
  answer(run, '1')
  run.finish(graded(1, ['a typo']))
  expect(run.job()).toBe('run1-code-2')
})

test('a fixer that asked has not worked on the evidence: after the answer one is sent for it again', () => {
  const run = reportChecks(toCi(drive({ steps: defaultSteps({ ci: { attempts: 3 } }) })), [aCheck('failure')])
  run.finish(undecided())
  answer(run, '1')
  reportChecks(run, [aCheck('failure')])
  run.finish(worked([pushed(run.leg(WEB), sha('fixed')), pushed(run.leg(API), run.leg(API).head ?? sha('x'))]))
  reportChecks(run)
  expect(run.step('ci').output).toMatchObject({ kind: 'ci', fixes: 2 })
})
