import { describe, expect, test } from 'vitest'
import { aStep } from '../../test/support/core/build.ts'
import { type Drive, drive, toApproval, toCode } from '../../test/support/core/drive.ts'
import { cancelledJob, failedJob, worked } from '../../test/support/core/results.ts'
import type { BudgetStand } from '../contract/budget.ts'

const stand = (more: Partial<BudgetStand> = {}): BudgetStand => ({
  scope: 'run',
  usedUsd: 4.8,
  limitUsd: 5,
  nextUsd: 0.31,
  raisable: true,
  ...more,
})
const settings = { budgets: { run: 5, runCeiling: 20 } }

/** A run whose coder's next call did not fit. */
function reached(more: Partial<BudgetStand> = {}): Drive {
  const run = toCode(drive({ settings }))
  run.send({ type: 'budget.reached', job: run.job(), stand: stand(more) })
  return run
}
const add = (run: Drive, addUsd: number) => run.say('command.budget', { addUsd })

describe('[SPD-2] a budget', () => {
  test('of which most is used is written down, and nothing else happens', () => {
    const run = toCode(drive({ settings }))
    const { status } = run.run
    run.send({ type: 'budget.near', stand: stand({ usedUsd: 4.1 }) })
    expect(run.last.facts).toEqual([
      { what: 'budget.near', who: 'switchyard', step: 'code', text: '$4.10 of $5.00 is used: the budget of this run' },
    ])
    expect(run.run.status).toEqual(status)
    expect(run.run.budget?.near).toMatchObject({ usedUsd: 4.1 })
  })

  test('that is used up stops the agent with its work kept, and holds the run', () => {
    const run = toCode(drive({ settings }))
    const job = run.job()
    run.send({ type: 'budget.reached', job, stand: stand() })
    expect(run.effect('cancel-job')).toMatchObject({ job, keep: true })
    const why = 'The budget of this run is used up: $4.80 of $5.00, and the next call may cost $0.31'
    expect(run.run.status).toMatchObject({ state: 'paused', cause: 'budget', by: 'switchyard', why })
    expect(run.effect('notify').notice).toMatchObject({ kind: 'budget' })
    // However the agent ends, the run goes on as it stands.
    const held = run.run
    run.send({ type: 'job.finished', job, result: cancelledJob() })
    run.send({ type: 'budget.reached', job, stand: stand() })
    expect(run.run).toBe(held)
  })

  test('*reached and over*: of a job that nobody waits for, it changes nothing', () => {
    const run = toCode(drive({ settings }))
    const job = run.job()
    run.finish(worked())
    const held = run.run
    run.send({ type: 'budget.reached', job, stand: stand() })
    expect(run.run).toBe(held)
  })

  test('that a job says is used up holds the run as well: the agent has not failed', () => {
    const run = toCode(drive({ settings }))
    run.finish(failedJob('budget'))
    expect(run.run.status).toMatchObject({ state: 'paused', cause: 'budget' })
    run.say('command.resume', {})
    expect(run.job()).toBe('run1-code-2')
  })
})

describe('[SPD-2] `/yard budget`', () => {
  test('goes on where it stopped, in the same session, under a new epoch', () => {
    const run = reached()
    expect(add(run, 5)).toMatchObject({ result: 'done' })
    expect(run.run).toMatchObject({ status: { state: 'active' }, budget: { addedUsd: 5, near: null, reached: null } })
    expect(run.effect('enqueue-job')).toMatchObject({ job: 'run1-code-2', session: 'same' })
    expect(run.last.facts).toContainEqual({ what: 'budget.raised', who: 'alice', text: 'may spend $5.00 more' })
  })

  test('adds up, also before anything is used up', () => {
    const run = toCode(drive({ settings }))
    add(run, 5)
    add(run, 2.5)
    expect(run.run.budget?.addedUsd).toBe(7.5)
    expect(run.job()).toBe('run1-code-1')
  })

  test('with too little says what is the least, and changes nothing', () => {
    const run = reached()
    expect(add(run, 0.1)).toMatchObject({
      result: 'refused',
      text: 'That is too little: the next call may cost $0.31. `/yard budget +0.11` is the least that goes on.',
    })
    expect(run.run.status.state).toBe('paused')
    expect(add(run, 0.11)).toMatchObject({ result: 'done' })
  })

  test('never passes what the deployment lets a run spend', () => {
    const run = reached()
    add(run, 10)
    expect(add(run, 5.01)).toMatchObject({
      result: 'refused',
      text: 'This deployment lets a run spend $20.00 at most (`BUDGET_RUN_MAX_USD`): it can have $5.00 more.',
    })
    expect(add(run, 5)).toMatchObject({ result: 'done' })
    expect(add(run, 1)).toMatchObject({ result: 'refused', text: expect.stringContaining('it has all of that') })
  })

  test('does not help where the deployment’s own ceiling is reached', () => {
    const run = reached({ scope: 'organisation', raisable: false })
    expect(add(run, 5)).toMatchObject({
      result: 'refused',
      text: expect.stringMatching(/^This month's budget of the organisation is used up: .* only its owner can raise/),
    })
  })

  test('does not take a run out of another pause', () => {
    const run = toCode(drive({ settings }))
    run.say('command.pause', { why: '', cause: 'person' })
    expect(add(run, 5)).toMatchObject({ result: 'done' })
    expect(run.run.status).toMatchObject({ state: 'paused', cause: 'person' })
  })

  test('is refused where there is nothing to pay for any more', () => {
    const run = toApproval(drive({ settings }))
    run.say('command.reject', { why: '' })
    expect(add(run, 5)).toMatchObject({ result: 'done' })
    const stopped = toApproval(drive({ settings }))
    stopped.say('command.stop', { why: '' })
    expect(add(stopped, 5)).toMatchObject({ result: 'refused', text: expect.stringContaining('the run is stopped') })
  })
})

describe('[SPD-2] going on without more money', () => {
  test('is refused where the same call would be refused again, with the command that helps', () => {
    const run = reached()
    expect(run.say('command.resume', {})).toMatchObject({
      result: 'refused',
      text: expect.stringMatching(/`\/yard budget \+0\.11` or more goes on from here\.$/),
    })
  })

  test('is done where the next job has a budget of its own', () => {
    const run = reached({ scope: 'job' })
    run.say('command.resume', {})
    expect(run.job()).toBe('run1-code-2')
  })

  test('happens by itself once a month has room', () => {
    const run = reached({ scope: 'repository' })
    run.send({ type: 'budget.room' })
    expect(run.job()).toBe('run1-code-2')
    const active = run.run
    run.send({ type: 'budget.room' })
    expect(run.run).toBe(active)
  })
})

test('[SPD-2] a purse that is used up is the step’s own matter first; one that does not know it is paused', () => {
  const run = drive({ steps: [aStep('agent', 'code')] })
  run.send({ type: 'run.admitted' })
  run.send({ type: 'budget.reached', job: run.job(), stand: stand({ scope: 'purse', of: 'Explore' }) })
  expect(run.run.status).toMatchObject({ state: 'paused', why: expect.stringContaining('The budget of "Explore" is used up') })
})

describe('[SPD-2] [WF-5] the budget of a phase that is used up', () => {
  const inPhase = { scope: 'purse', of: 'Look', usedUsd: 0.3, limitUsd: 0.37, nextUsd: 0.3 } as const

  test('is not gone on with without money, which would end at the same call; with money it is', () => {
    const run = reached(inPhase)
    run.say('command.resume', {})
    expect(run.run.status).toMatchObject({ state: 'paused', cause: 'budget' })
    expect(run.effect('answer').text).toContain(
      'The budget of "Look" is used up: $0.30 of $0.37, and the next call may cost $0.30. `/yard budget +0.23` or more goes on from here.',
    )
    add(run, 1)
    expect(run.run.status).toMatchObject({ state: 'active' })
  })
})
