/** Runs that stand at every place where a run can stand, for the tests of what a command does there. */
import { API, aStep, defaultSteps, sha, WEB } from './build.ts'
import {
  type Drive,
  drive,
  mergeNow,
  openPulls,
  pushBoth,
  reportChecks,
  reportPulls,
  toCi,
  toCode,
  toMerge,
  toReview,
} from './drive.ts'
import { aCheck, aFailure, aPull, checksOf, failedJob, finished, graded, reported } from './results.ts'
import { aThread, reportReviews } from './reviews.ts'

const retrying = { settings: { retry: { cap: 3, infrastructure: 5, gapMs: 120_000 } } } as const

export function begun(run: Drive): Drive {
  run.send({ type: 'run.admitted' })
  return run
}

export function inParallel(): Drive {
  const steps = [
    { id: 'one', role: 'researcher' },
    { id: 'two', role: 'researcher' },
  ]
  return begun(drive({ steps: [aStep('parallel', 'look', { steps }), aStep('agent', 'code')] }))
}

export function blocked(): Drive {
  const run = toMerge(drive())
  run.send({ type: 'pulls.reported', effect: run.effect('ask-pulls').id, pulls: [], checks: [] })
  return run
}

export function queuedUp(): Drive {
  const run = reportPulls(toMerge(drive()))
  const { id, leg, head } = run.effect('merge-pull')
  run.send({ type: 'merge.queued', effect: id, leg, head, by: 'queue' })
  return run
}

export function inReview(options = {}): Drive {
  return openPulls(pushBoth(begun(drive({ steps: [aStep('agent', 'code'), aStep('review', 'review', options)] }))))
}

export function waitsToRetry(): Drive {
  const run = toCode(drive(retrying))
  run.finish(failedJob('agent'))
  return run
}

export function atCap(): Drive {
  const run = toReview(drive({ steps: defaultSteps({ review: { reworks: 0 } }) }))
  run.finish(graded(0.2, ['no']))
  return run
}

export function atBatches(): Drive {
  const run = inReview({ batches: 1 })
  reportReviews(run, { [WEB]: { threads: [aThread('T1')] } })
  run.finish(reported({ threads: [] }))
  return reportReviews(run, { [WEB]: { threads: [aThread('T2')] } })
}

export function stuck(): Drive {
  return reportChecks(toCi(drive({ steps: defaultSteps({ ci: { attempts: 0 } }) })), [aCheck('failure')])
}

export function redOnBase(): Drive {
  const run = toCi(drive())
  const { id, legs } = run.effect('ask-checks')
  const seen = legs.map(({ leg, head }) => checksOf(leg, head, [aCheck('failure')], { redOnBase: ['test'] }))
  run.send({ type: 'checks.reported', effect: id, legs: seen })
  return run
}

export function asking(): Drive {
  const run = begun(drive({ steps: [aStep('questions'), aStep('agent', 'code')] }))
  const findings = [{ kind: 'question' as const, severity: 'high' as const, text: 'Which currency?' }]
  run.finish(reported({ findings: { brief: 'Show the tax.', findings } }))
  return run
}

export function deciding(): Drive {
  const run = toCode(drive())
  const question = {
    status: 'needs-decision',
    nonce: '0123456789abcdef',
    summary: 'Two ways.',
    question: 'Which?',
    options: ['a', 'b'],
  }
  run.finish(finished(question as never))
  return run
}

export function paused(cause: 'person' | 'installation' | 'budget'): Drive {
  const run = toCode(drive())
  if (cause !== 'budget') {
    run.say('command.pause', { why: '', cause })
    return run
  }
  const at = drive({ ...run.run, status: { state: 'paused', by: 'switchyard', why: 'no money left', cause, at: run.now } })
  at.now = run.now
  return at
}

function close(run: Drive, leg: typeof WEB, number: number): void {
  const pull = aPull(number, { state: 'closed' })
  run.send({ type: 'pull.changed', leg, pull, head: run.leg(leg).head ?? sha('x'), by: 'bob' })
}

export function closed(): Drive {
  const run = toCi(drive())
  close(run, WEB, 1)
  return run
}

export function allClosed(): Drive {
  const run = closed()
  close(run, API, 2)
  return run
}

export function failedAtCode(): Drive {
  const run = toCode(drive())
  run.finish(failedJob('model'))
  return run
}

export function halfMerged(): Drive {
  const run = mergeNow(reportPulls(toMerge(drive())))
  const { id } = run.effect('merge-pull')
  run.send({ type: 'merge.refused', effect: id, leg: WEB, failure: aFailure('conflict') })
  return run
}

export function stopped(): Drive {
  const run = toCode(drive())
  run.say('command.stop', { why: '' })
  return run
}

export function stoppedHalfMerged(): Drive {
  const run = halfMerged()
  run.say('command.stop', { why: '' })
  return run
}
