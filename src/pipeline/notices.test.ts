import { describe, expect, test } from 'vitest'
import { PIPELINE_STORIES } from '../../test/support/example-pipelines.ts'
import { BY_MONA, PLAN, type Story, story } from '../../test/support/example-runs.ts'
import { decide } from './decide.ts'
import type { RunEvent } from './events.ts'
import { isOpen, type NoticeKind, noticeOf, noticeToSend } from './notices.ts'
import { activeStep } from './state.ts'

const opened = (kind: NoticeKind, subject: string) => ({ kind, subject, reminder: false })
const of = (name: keyof typeof PIPELINE_STORIES) => noticeOf(PIPELINE_STORIES[name]().run)

/** What a decision would have told. */
function told(tale: Story, event: RunEvent, minutes = 1) {
  const before = tale.run
  const { effects } = decide(before, event, tale.now + minutes * 60_000)
  return effects.flatMap((effect) => (effect.kind === 'notify' ? [effect.notice] : []))
}

/** The escalation of what is waited for. */
function escalate(tale: Story): RunEvent {
  const step = activeStep(tale.run)
  return { type: 'timer.fired', timer: `${step?.id}-${step?.epoch}-escalate` }
}

describe('[NOT-1] the notice of a run', () => {
  test.each([
    ['questions asked', 'needs-you', 'questions'],
    ['decision asked', 'needs-you', 'code'],
    ['document approval', 'needs-you', 'approval'],
    ['pull request closed', 'needs-you', 'pulls'],
    ['conflict needs a person', 'needs-you', 'conflicts'],
    ['tests need a person', 'tests-failed', 'test'],
    ['commands stay red', 'tests-failed', 'validate'],
    ['release regressed', 'release-regression', 'release'],
    ['merge left to a person by the policy', 'ready-to-merge', 'merge'],
  ] as const)('%s: %s', (name, kind, subject) => {
    expect(of(name)).toEqual(opened(kind, subject))
  })

  test.each(['questions settled', 'plan only', 'trying again', 'paused', 'review waited for', 'release watched'] as const)(
    'there is none where nobody has to do anything: %s',
    (name) => {
      expect(of(name)).toBeNull()
    },
  )

  test('a failure is told by its cause; what a person ended is told to nobody', () => {
    const failed = (cause: string) => {
      const { run } = story('coding').fail(1)
      if (run.status.state !== 'failed') throw new Error('it goes on')
      return noticeOf({ ...run, status: { ...run.status, failure: { ...run.status.failure, cause: cause as never } } })
    }
    expect(failed('ci')).toEqual(opened('ci-failed', 'code'))
    expect(failed('tests')).toEqual(opened('tests-failed', 'code'))
    expect(failed('config')).toEqual(opened('config-broken', 'code'))
    expect(failed('timeout-inactivity')).toEqual(opened('needs-you', 'code'))
    expect(failed('rejected')).toBeNull()
    expect(noticeOf(story('coding').after(1, { type: 'command.stop', ...BY_MONA, why: '' }).run)).toBeNull()
  })

  test('it is told when it opens, once, and as a reminder once more', () => {
    const tale = story('planning')
    const wait = activeStep(tale.run)?.status.wait
    if (wait?.for !== 'job') throw new Error('no planner works')
    const before = tale.run
    tale.job(1, { summary: 'Planned.', plan: PLAN })
    expect(noticeToSend(before, tale.run)).toEqual(opened('needs-you', 'approval'))
    expect(noticeToSend(tale.run, tale.run)).toBeNull()
    const reminder = { ...opened('needs-you', 'approval'), reminder: true }
    const fired = escalate(tale)
    expect(told(tale, fired, 1)).toEqual([])
    expect(told(tale, fired, 121)).toEqual([reminder])
    tale.after(121, fired)
    expect(told(tale, fired, 300)).toEqual([])
    expect(isOpen(tale.run, reminder)).toBe(true)
  })

  test('it is closed with its wait, and the next one is told anew', () => {
    const tale = story('needs approval')
    const first = noticeOf(tale.run)
    const changed: RunEvent = { type: 'command.changes', ...BY_MONA, text: 'Only the API.' }
    expect(told(tale, changed)).toEqual([])
    tale.after(1, changed)
    expect(noticeOf(tale.run)).toBeNull()
    expect(first !== null && isOpen(tale.run, first)).toBe(false)
    const before = tale.run
    tale.job(1, { summary: 'Planned.', plan: PLAN })
    expect(noticeToSend(before, tale.run)).toEqual(opened('needs-you', 'approval'))
  })

  test('a pause keeps what is open, so that going on does not tell it again', () => {
    const tale = story('needs approval')
    const pause: RunEvent = { type: 'command.pause', ...BY_MONA, why: '', cause: 'person' }
    expect(told(tale, pause)).toEqual([])
    tale.after(1, pause)
    expect(told(tale, { type: 'command.resume', ...BY_MONA })).toEqual([])
  })

  test('answering one of several questions does not tell of the others again', () => {
    const tale = PIPELINE_STORIES['questions asked']()
    const answer: RunEvent = { type: 'command.answer', ...BY_MONA, id: 'Q1', text: 'Euro.', dismiss: false }
    expect(told(tale, answer)).toEqual([])
  })

  test('pull requests that a run leaves to be merged are ready to merge', () => {
    const { run } = story('asking for checks')
    const done = { ...run, status: { state: 'done', outcome: 'ready', summary: '' } as const }
    expect(noticeOf(done)).toEqual(opened('ready-to-merge', 'run'))
    expect(noticeOf({ ...done, legs: done.legs.map((leg) => ({ ...leg, head: null })) })).toBeNull()
  })
})
