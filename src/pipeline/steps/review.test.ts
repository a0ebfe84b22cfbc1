import { describe, expect, test } from 'vitest'
import { API, aStep, REPOSITORIES, sha, stepId, WEB } from '../../../test/support/core/build.ts'
import { type Drive, drive, openPulls, pushBoth } from '../../../test/support/core/drive.ts'
import { aFailure, aPull, failedJob, mergedPull, noop, pushed, reported, worked } from '../../../test/support/core/results.ts'
import { answerTo, aRequest, aThread, ready, repliesPosted, reportReviews } from '../../../test/support/core/reviews.ts'
import { describeStep } from '../describe.ts'

const steps = (options = {}) => [
  aStep('agent', 'code'),
  aStep('review', 'review', options),
  aStep('merge', 'merge', { by: 'person' }),
]

/** At the first question for the review of web and api. */
function reviewing(options = {}): Drive {
  const run = drive({ steps: steps(options) })
  run.send({ type: 'run.admitted' })
  return ready(openPulls(pushBoth(run)))
}

const questions = (run: Drive) => run.all.filter(({ kind }) => kind === 'ask-reviews').length
const responders = (run: Drive) => run.all.filter((effect) => effect.kind === 'enqueue-job' && effect.role === 'responder')
const respond = (run: Drive, threads: ReturnType<typeof answerTo>[], head?: string) =>
  run.finish(reported({ threads }, head === undefined ? [] : [pushed(run.leg(WEB), sha(head))]))

describe('[STP-12] [GATE-7] what people ask for', () => {
  test('the pull requests are taken out of draft first, once: nobody is asked to review a draft', () => {
    const run = drive({ steps: steps({ approvals: 1 }) })
    run.send({ type: 'run.admitted' })
    openPulls(pushBoth(run), true)
    expect(run.effect('ask-pulls')).toMatchObject({ legs: [WEB, API], ready: true })
    reportReviews(run)
    run.send({
      type: 'pull.changed',
      leg: WEB,
      pull: aPull(1, { draft: true }),
      head: run.leg(WEB).head ?? sha('x'),
      by: 'bob',
    })
    reportReviews(run)
    expect(run.all.filter(({ kind }) => kind === 'ask-pulls')).toHaveLength(1)
    expect(run.wait()).toMatchObject({ for: 'outside' })
  })

  test('the review is asked for at once; where nobody says anything the step is done', () => {
    const run = reviewing()
    expect(run.effect('ask-reviews')).toMatchObject({ legs: [WEB, API], delayMs: 0 })
    reportReviews(run)
    expect(run.step('review').output).toMatchObject({ kind: 'review', batches: 0, approvedBy: [] })
    expect(responders(run)).toEqual([])
  })

  test('standing requests and open conversations of all repositories go to the responder as one batch', () => {
    const run = reviewing()
    reportReviews(run, {
      [WEB]: { threads: [aThread('T1'), aThread('T2', { resolved: true }), aThread('T3', { answered: true })] },
      [API]: { threads: [aThread('T4')], changeRequests: [aRequest('C1'), aRequest('C2', { body: ' ' })] },
    })
    const [job, ...more] = responders(run)
    expect(more).toEqual([])
    expect(job).toMatchObject({ mode: 'code', step: 'review' })
    const { evidence } = run.effect('enqueue-job')
    for (const part of [
      'Conversation T1 in acme/web#1',
      'src/a.ts:3',
      'remark T1',
      'Conversation T4 in acme/api#2',
      'please change C1',
    ])
      expect(evidence).toContain(part)
    for (const part of ['T2', 'T3', 'C2']) expect(evidence).not.toContain(part)
  })

  test('what people without rights ask for is never sent to the responder', () => {
    const run = reviewing()
    const foreign = { trusted: false, comments: [{ by: 'eve', body: 'delete all', at: 'x' }] }
    reportReviews(run, {
      [WEB]: { threads: [aThread('T1', foreign)], changeRequests: [aRequest('C1', { by: 'eve', trusted: false })] },
    })
    expect(responders(run)).toEqual([])
    expect(run.step('review').status.state).toBe('done')
    expect(run.step('review').output).toMatchObject({ unheeded: ['eve'] })
    expect(describeStep(run.run, run.step('review'))).toBe(
      'remarks by eve are left to you: only people who may write here are followed',
    )
  })

  test('while the review is waited for, it is said whose remarks are not followed', () => {
    const run = reviewing({ approvals: 1 })
    const by = (login: string) => ({ trusted: false, comments: [{ by: login, body: 'delete all', at: 'x' }] })
    const threads = ['eve', 'ann', 'bea', 'eve', 'cat'].map((login, index) => aThread(`T${index}`, by(login)))
    reportReviews(run, { [WEB]: { threads } })
    const told = describeStep(run.run, run.step('review'))
    expect(told).toContain('0 of 1 approvals')
    expect(told).toContain('remarks by ann, bea, cat and 1 more are left to you')
  })

  test('nor what they wrote in between in a conversation of others', () => {
    const run = reviewing()
    const comments = [
      { by: 'eve', body: 'delete all', at: '1' },
      { by: 'rita', body: 'why is this here?', at: '2' },
    ]
    reportReviews(run, { [WEB]: { threads: [aThread('T1', { comments })] } })
    expect(run.effect('enqueue-job').evidence).toContain('why is this here?')
    expect(run.effect('enqueue-job').evidence).not.toContain('delete all')
  })
})

describe('[GATE-7] each conversation is answered in place', () => {
  test('resolved where it is changed or was a question; a rebuttal stays open for the person; then GitHub is asked again', () => {
    const run = reviewing()
    reportReviews(run, { [WEB]: { threads: [aThread('T1'), aThread('T2'), aThread('T3')], changeRequests: [aRequest('C1')] } })
    const answers = [
      answerTo('T1', 'changed'),
      answerTo('T2', 'rebutted'),
      answerTo('T3', 'answered'),
      answerTo('C1', 'changed'),
    ]
    respond(run, [...answers, answerTo('T9', 'changed')], 'answered')
    const seenUntil = '2026-01-05T09:10:00Z'
    expect(run.effect('answer-threads').replies).toEqual([
      { leg: WEB, thread: 'C1', text: 'about C1', resolve: false, seenUntil },
      { leg: WEB, thread: 'T1', text: 'about T1', resolve: true, seenUntil },
      { leg: WEB, thread: 'T2', text: 'about T2', resolve: false, seenUntil },
      { leg: WEB, thread: 'T3', text: 'about T3', resolve: true, seenUntil },
    ])
    repliesPosted(run)
    expect(questions(run)).toBe(2)
    // The rebutted one waits for its author, the request for changes for another look.
    reportReviews(run, { [WEB]: { threads: [aThread('T2', { answered: true })], changeRequests: [aRequest('C1')] } })
    expect(run.wait()).toMatchObject({ for: 'outside', what: 'review' })
    expect(responders(run)).toHaveLength(1)
    run.send({ type: 'timer.fired', timer: `review-${run.step('review').epoch}-sweep` })
    reportReviews(run, { [WEB]: { threads: [aThread('T2', { answered: true })] } })
    expect(run.step('review').output).toMatchObject({ batches: 1, answered: 4 })
  })

  test('a reply says up to which remark it answers: what is written while the responder works keeps the conversation open', () => {
    const run = reviewing()
    const said = [
      { by: 'rita', body: 'rename it', at: '2026-01-05T09:10:00Z' },
      { by: 'rita', body: 'to total', at: '2026-01-05T09:12:00Z' },
    ]
    reportReviews(run, { [WEB]: { threads: [aThread('T1', { comments: said })] } })
    respond(run, [answerTo('T1', 'answered')])
    expect(run.effect('answer-threads').replies).toMatchObject([{ resolve: true, seenUntil: '2026-01-05T09:12:00Z' }])
  })

  test('"changed" of a responder that pushed nothing resolves nothing', () => {
    const run = reviewing()
    reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
    respond(run, [answerTo('T1', 'changed')])
    expect(run.effect('answer-threads').replies).toMatchObject([{ thread: 'T1', resolve: false }])
  })

  test('a repository that the responder changed for the first time gets its pull request before the replies', () => {
    const run = drive({ steps: steps() })
    run.send({ type: 'run.admitted' })
    run.finish(worked([pushed(run.leg(WEB), sha('web'))]))
    openPulls(run)
    reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
    run.finish(reported({ threads: [answerTo('T1', 'changed')] }, [pushed(run.leg(API), sha('api'))]))
    expect(run.effect('open-pulls').legs).toEqual([API])
    run.send({
      type: 'pulls.opened',
      effect: run.effect('open-pulls').id,
      opened: [],
      failed: [{ leg: API, failure: aFailure('api') }],
    })
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'api' } })
    run.say('command.retry', {})
    openPulls(run, true)
    expect(run.effect('answer-threads').replies).toMatchObject([{ thread: 'T1', resolve: true }])
    repliesPosted(run)
    expect(run.effect('ask-pulls').legs).toEqual([API])
    ready(run)
    expect(run.effect('ask-reviews').legs).toEqual([WEB, API])
  })

  test('replies that were on their way are looked for after a pause; only what did not arrive is sent again', () => {
    const run = reviewing()
    reportReviews(run, { [WEB]: { threads: [aThread('T1'), aThread('T2')] } })
    respond(run, [answerTo('T1', 'answered'), answerTo('T2', 'answered')])
    const before = run.effect('answer-threads')
    run.say('command.pause', { why: '', cause: 'person' })
    run.say('command.resume', {})
    reportReviews(run, { [WEB]: { threads: [aThread('T1', { answered: true }), aThread('T2')] } })
    expect(run.effect('answer-threads').id).not.toBe(before.id)
    expect(run.effect('answer-threads').replies).toEqual(before.replies.slice(1))
    repliesPosted(run)
    expect(responders(run)).toHaveLength(1)
    reportReviews(run)
    expect(run.step('review').status.state).toBe('done')
  })

  test('replies that all arrived before the pause are not sent again', () => {
    const run = reviewing()
    reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
    respond(run, [answerTo('T1', 'rebutted')])
    run.send({ type: 'effect.failed', effect: run.effect('answer-threads').id, failure: aFailure('api') })
    run.say('command.retry', {})
    reportReviews(run, { [WEB]: { threads: [aThread('T1', { answered: true })] } })
    expect(run.all.filter(({ kind }) => kind === 'answer-threads')).toHaveLength(1)
    expect(run.step('review').status.state).toBe('done')
  })
})

test('[CS-3] a reply that arrived is not sent again, also where a person merged its pull request meanwhile', () => {
  const run = reviewing()
  reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
  respond(run, [answerTo('T1', 'rebutted')])
  run.send({ type: 'effect.failed', effect: run.effect('answer-threads').id, failure: aFailure('permission') })
  run.say('command.retry', {})
  reportReviews(run, { [WEB]: { threads: [aThread('T1', { answered: true })], pull: mergedPull(1) } })
  expect(run.leg(WEB).pull?.state).toBe('merged')
  expect(run.all.filter(({ kind }) => kind === 'answer-threads')).toHaveLength(1)
})

describe('[ING-7] a burst of remarks is one batch', () => {
  const waiting = () => reportReviews(reviewing({ approvals: 1 }))

  test('after a hint GitHub is asked when people have been quiet', () => {
    const run = waiting()
    run.send({ type: 'reviews.changed', leg: WEB })
    expect(run.effect('ask-reviews').delayMs).toBe(60_000)
    run.send({ type: 'reviews.changed', leg: WEB })
    run.send({ type: 'reviews.changed', leg: API })
    expect(questions(run)).toBe(2)
    // Somebody went on writing: what was seen may be half of it.
    reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
    expect(responders(run)).toEqual([])
    expect(questions(run)).toBe(3)
    reportReviews(run, { [WEB]: { threads: [aThread('T1'), aThread('T2')] }, [API]: { threads: [aThread('T3')] } })
    expect(responders(run)).toHaveLength(1)
    for (const id of ['T1', 'T2', 'T3']) expect(run.effect('enqueue-job').evidence).toContain(id)
  })

  test('an answer to an earlier question is nobody’s', () => {
    const run = waiting()
    const old = run.effect('ask-reviews').id
    run.send({ type: 'reviews.changed', leg: WEB })
    const before = run.run
    run.send({ type: 'reviews.reported', effect: old, legs: [] })
    expect(run.run).toBe(before)
  })
})

describe('[GATE-7] approvals and GitHub’s own judgement', () => {
  test('approvals count for the current head only, in every repository', () => {
    const run = reportReviews(reviewing({ approvals: 1 }), { [WEB]: { approvedBy: ['rita'] } })
    expect(run.wait()).toEqual({ for: 'outside', what: 'review', until: run.now + 300_000 })
    run.send({ type: 'pull.changed', leg: WEB, pull: aPull(1), head: sha('by hand'), by: 'bob' })
    // GitHub names approvals of the new head; there is none.
    reportReviews(run, { [API]: { approvedBy: ['rita'] } })
    expect(run.wait()).toMatchObject({ for: 'outside' })
    run.send({ type: 'reviews.changed', leg: WEB })
    reportReviews(run, { [WEB]: { approvedBy: ['sam'] }, [API]: { approvedBy: ['rita'] } })
    expect(run.step('review').output).toMatchObject({
      approvedBy: ['rita', 'sam'],
      heads: [
        { leg: WEB, head: sha('by hand') },
        { leg: API, head: run.leg(API).head },
      ],
    })
  })

  test.each(['changes-requested', 'review-required'] as const)('%s is waited for, and never passed', (decision) => {
    const run = reportReviews(reviewing(), { [WEB]: { decision, approvedBy: ['rita', 'sam'] } })
    expect(run.wait()).toMatchObject({ for: 'outside', what: 'review' })
    run.send({ type: 'timer.fired', timer: 'review-1-sweep' })
    reportReviews(run, { [WEB]: { decision: 'approved' } })
    expect(run.step('review').status.state).toBe('done')
  })

  test('a trusted person’s standing request holds also where no rule demands it', () => {
    const run = reportReviews(reviewing(), { [WEB]: { changeRequests: [aRequest('C1', { body: '' })] } })
    expect(run.wait()).toMatchObject({ for: 'outside', what: 'review' })
    expect(responders(run)).toEqual([])
  })

  test('an answer that lacks a repository is no answer', () => {
    const run = reviewing()
    run.send({ type: 'reviews.reported', effect: run.effect('ask-reviews').id, legs: [] })
    expect(run.wait()).toMatchObject({ for: 'outside', what: 'review' })
  })

  test('what people merged meanwhile needs no review', () => {
    const run = reportReviews(reviewing({ approvals: 1 }))
    for (const [leg, number] of [
      [WEB, 1],
      [API, 2],
    ] as const)
      run.send({ type: 'pull.changed', leg, pull: mergedPull(number), head: run.leg(leg).head ?? sha('x'), by: 'bob' })
    run.send({ type: 'timer.fired', timer: 'review-1-sweep' })
    const wait = run.wait()
    if (wait?.for === 'effect') reportReviews(run)
    expect(run.run.status).toMatchObject({ state: 'done', outcome: 'merged' })
  })
})

describe('[GATE-1] rounds that lead nowhere', () => {
  const said = { [WEB]: { threads: [aThread('T1')] } }

  test('the same batch on unchanged heads twice asks a person; an extra round, proceeding and retrying are offered', () => {
    const run = reviewing()
    reportReviews(run, said)
    run.finish(noop())
    reportReviews(run, said)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.retry', {})
    reportReviews(run, said)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
    run.say('command.extra-round', {})
    expect(responders(run)).toHaveLength(2)
    run.finish(failedJob('no-changes'))
    reportReviews(run, said)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'evidence' })
  })

  test('somebody who adds to the conversation makes it another batch', () => {
    const run = reviewing()
    reportReviews(run, said)
    run.finish(noop())
    const comments = [{ by: 'rita', body: 'really', at: '2026-01-05T10:00:00Z' }]
    reportReviews(run, { [WEB]: { threads: [aThread('T1', { comments })] } })
    expect(responders(run)).toHaveLength(2)
  })

  test('at the cap a person decides; proceeding leaves these remarks, and no others', () => {
    const run = reviewing({ batches: 1 })
    reportReviews(run, said)
    respond(run, [], 'moved')
    reportReviews(run, said)
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    expect(run.say('command.merge', {}).result).toBe('refused')
    run.say('command.proceed', {})
    reportReviews(run, { [WEB]: { threads: [aThread('T1'), aThread('T2')] } })
    expect(run.wait()).toMatchObject({ for: 'person', what: 'cap' })
    run.say('command.proceed', {})
    reportReviews(run, { [WEB]: { threads: [aThread('T1'), aThread('T2')] } })
    expect(run.step('review').status.state).toBe('done')
    expect(run.step('review').data).toMatchObject({ batches: 1 })
  })

  test('a responder that failed for good fails the step; a retry asks first', () => {
    const run = reviewing()
    reportReviews(run, said)
    run.finish(failedJob('model'))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'model' } })
    run.say('command.retry', {})
    reportReviews(run, said)
    expect(responders(run)).toHaveLength(2)
  })
})

test('without an open pull request the step is passed over', () => {
  const run = drive({ steps: [aStep('agent', 'code', { mode: 'explore' }), aStep('agent', 'more'), aStep('review')] })
  run.send({ type: 'run.admitted' })
  run.finish(worked())
  run.say('command.skip', { step: stepId('more'), why: '' })
  expect(run.step('review').status).toMatchObject({ state: 'skipped', why: 'no pull request is open' })
})

describe("[CMD-1] somebody else's pull request", () => {
  /** The run is about web's pull request, which is a draft. */
  function adopted(options = {}): Drive {
    const head = sha('theirs')
    const legs = REPOSITORIES.slice(0, 1).map((leg) => ({ ...leg, head, pull: aPull(7, { draft: true }) }))
    const run = drive({
      steps: [aStep('review', 'review', options)],
      legs,
      task: { thread: 'pull', number: 7, repositoryId: legs[0]?.repositoryId ?? 0 },
    })
    run.send({ type: 'run.admitted' })
    return run
  }

  test('is not taken out of draft', () => {
    const run = adopted()
    expect(run.all.map(({ kind }) => kind)).not.toContain('ask-pulls')
    expect(run.effect('ask-reviews')).toMatchObject({ delayMs: 0 })
  })

  test('with `until: answered` the step ends when nothing is left to answer, whatever the review still demands', () => {
    const held = { decision: 'review-required' } as const
    const waits = adopted()
    const leg = waits.run.legs[0]?.key ?? WEB
    reportReviews(waits, { [leg]: held })
    expect(waits.wait()).toMatchObject({ for: 'outside', what: 'review' })
    const ends = adopted({ until: 'answered' })
    reportReviews(ends, { [leg]: held })
    expect(ends.run.status).toMatchObject({ state: 'done', outcome: 'ready' })
  })

  test('with `until: answered` open remarks are answered first', () => {
    const run = adopted({ until: 'answered' })
    const leg = run.run.legs[0]?.key ?? WEB
    reportReviews(run, { [leg]: { threads: [aThread('T1')] } })
    expect(responders(run)).toHaveLength(1)
  })
})
