import { expect, test } from 'vitest'
import { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { LegResult } from '../../src/contract/job.ts'
import type { Report } from '../../src/contract/report.ts'
import { type Evidence, judge } from './judge.ts'

const nonce = 'nonce-of-this-job'
const sha = HeadSha.parse('a'.repeat(40))
const leg = (push: LegResult['push']): LegResult => ({
  key: LegKey.parse('acme__api'),
  repositoryId: 1,
  base: sha,
  head: push.status === 'pushed' ? sha : null,
  ahead: push.status === 'pushed' ? 1 : 0,
  push,
  changedFiles: [],
  committedForAgent: [],
  leftOut: [],
})
const report = (status: 'success' | 'failed' | 'partial'): Report => ({ status, nonce, summary: 'The summary.' })
const crashed = { ok: false, failure: { cause: 'agent', message: 'The program exited with code 3.' } } as const

function evidence(more: Partial<Evidence> = {}): Evidence {
  return {
    spec: { mode: 'code', reportShape: 'work', nonce },
    expired: null,
    outcome: { ok: true },
    read: { status: 'good', report: report('success') },
    legs: [leg({ status: 'pushed' })],
    committed: true,
    toolCalls: 3,
    ...more,
  }
}

test('[REP-3] exit 0 and "failed" is failed', () => {
  expect(judge(evidence({ read: { status: 'good', report: report('failed') } }))).toMatchObject({
    status: 'failed',
    failure: { cause: 'agent', message: 'The agent reports a failure: The summary.' },
  })
})

test('[REP-3] a bad exit with pushed work and no report is recovered and marked so', () => {
  const verdict = judge(evidence({ outcome: crashed, read: { status: 'missing' } }))
  expect(verdict).toMatchObject({ status: 'finished', report: { status: 'partial', recovered: true } })
  expect(verdict.notes.join()).toContain('Recovered')
})

test.each([
  ['nothing was pushed', { legs: [leg({ status: 'unchanged' })], committed: false }],
  ['the report is void', { read: { status: 'void', faults: [] } }],
  ['a plan was asked for', { spec: { mode: 'explore', reportShape: 'plan', nonce } }],
] as const)('[REP-3] it is not recovered where %s', (_why, more) => {
  const base = { outcome: crashed, read: { status: 'missing' } } as const
  expect(judge(evidence({ ...base, ...more, legs: [...('legs' in more ? more.legs : evidence().legs)] }))).toMatchObject({
    status: 'failed',
    failure: crashed.failure,
  })
})

test('[REP-3] a failure of the model is that failure, whatever was pushed', () => {
  const outcome = { ok: false, failure: { cause: 'rate-limit', message: 'Too many requests.' } } as const
  expect(judge(evidence({ outcome, read: { status: 'missing' } }))).toMatchObject({
    status: 'failed',
    failure: { cause: 'rate-limit' },
  })
})

test('[REP-4] a good exit without a usable report is no-usable-output', () => {
  const verdict = judge(evidence({ read: { status: 'malformed', faults: ['summary: missing'] } }))
  expect(verdict).toMatchObject({ status: 'failed', failure: { cause: 'no-usable-output', detail: 'summary: missing' } })
})

test('[REP-5] success without a commit is no-changes, and says when the agent never acted', () => {
  const still = { legs: [leg({ status: 'unchanged' })], committed: false } as const
  const acted = judge(evidence({ ...still, legs: [...still.legs] }))
  expect(acted).toMatchObject({ status: 'failed', failure: { cause: 'no-changes' } })
  expect(acted.status === 'failed' && acted.failure.message).not.toContain('never acted')
  const idle = judge(evidence({ ...still, legs: [...still.legs], toolCalls: 0 }))
  expect(idle.status === 'failed' && idle.failure.message).toContain('never acted')
})

test('[REP-5] noop with a reason, and a reader, need no commit', () => {
  const noop: Report = { status: 'noop', nonce, summary: 'S', reason: 'It is there already.' }
  const still = { legs: [leg({ status: 'unchanged' })], committed: false }
  expect(judge(evidence({ ...still, read: { status: 'good', report: noop } })).status).toBe('finished')
  expect(judge(evidence({ ...still, spec: { mode: 'explore', reportShape: 'work', nonce } })).status).toBe('finished')
})

test('[JOB-8] one leg that could not be pushed fails the job and is named; the others stay in the result', () => {
  const verdict = judge(
    evidence({
      legs: [leg({ status: 'pushed' }), { ...leg({ status: 'failed', message: 'denied' }), key: LegKey.parse('acme__shop') }],
    }),
  )
  expect(verdict).toMatchObject({ status: 'failed', failure: { cause: 'git', detail: 'acme__shop: denied' } })
})

test('[JOB-9] the watchdog that fired owns the cause, whatever the report says', () => {
  const expired = { cause: 'timeout-duration', message: 'Too long.' } as const
  expect(judge(evidence({ expired }))).toMatchObject({ status: 'failed', failure: expired })
})
