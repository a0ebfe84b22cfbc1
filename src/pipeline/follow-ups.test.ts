import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drive, toCode } from '../../test/support/core/drive.ts'
import { aFailure, worked } from '../../test/support/core/results.ts'
import { FOLLOW_UPS_MAX, type FollowUp } from '../contract/follow-up.ts'

const about = (title: string, more: Partial<FollowUp> = {}): FollowUp => ({
  kind: 'bug',
  title,
  detail: '',
  action: '',
  ...more,
})
const URL = 'https://github.com/acme/web/issues/12'

function noticing(...titles: string[]) {
  const run = toCode(drive())
  run.send({ type: 'follow-ups.noticed', followUps: titles.map((title) => about(title)) })
  return run
}

function filed(run: ReturnType<typeof noticing>, followUp = 'F1') {
  const { id } = run.effect('file-follow-up')
  run.send({ type: 'follow-up.filed', effect: id, followUp, repository: 'acme/web', number: 12, url: URL })
}

describe('[JOB-14] what was noticed on the way', () => {
  test('is kept under a name, shown, and said in the history; told again in other letters it changes nothing', () => {
    const run = noticing('Prices are stale', 'No tests')
    expect(run.run.followUps.map(({ id, title, ticket }) => [id, title, ticket.state])).toEqual([
      ['F1', 'Prices are stale', 'open'],
      ['F2', 'No tests', 'open'],
    ])
    expect(run.last.facts.map(({ text }) => text)).toEqual(['F1: Prices are stale', 'F2: No tests'])
    expect(run.last.effects.map(({ kind }) => kind)).toEqual(['show'])
    const { version } = run.run
    run.send({ type: 'follow-ups.noticed', followUps: [about('prices  are STALE!', { kind: 'Bug', detail: 'more' })] })
    expect(run.run.version).toBe(version)
    run.send({ type: 'follow-ups.noticed', followUps: [about('Prices are stale', { kind: 'debt' })] })
    expect(run.run.followUps.at(-1)?.id).toBe('F3')
  })

  test('outlives the job, and moves no step', () => {
    const run = noticing('Prices are stale')
    run.finish(worked())
    expect(run.run.followUps).toHaveLength(1)
  })

  test('never more than the run keeps, nor two of one key, whatever is told', () => {
    const told = fc.array(fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: FOLLOW_UPS_MAX }), { maxLength: 6 })
    fc.assert(
      fc.property(told, (batches) => {
        const run = toCode(drive())
        for (const titles of batches) run.send({ type: 'follow-ups.noticed', followUps: titles.map((title) => about(title)) })
        const { followUps } = run.run
        expect(followUps.length).toBeLessThanOrEqual(FOLLOW_UPS_MAX)
        expect(followUps.map(({ id }) => id)).toEqual(followUps.map((_each, index) => `F${index + 1}`))
      }),
      { numRuns: 30 },
    )
  })

  test('after a stop nothing is taken in any more', () => {
    const run = toCode(drive())
    run.say('command.stop', { why: '' })
    run.send({ type: 'follow-ups.noticed', followUps: [about('Late')] })
    expect(run.run.followUps).toEqual([])
  })
})

describe('[JOB-14] filing it', () => {
  test('asks for one issue, however often it is said, and keeps where it is', () => {
    const run = noticing('Prices are stale')
    expect(run.say('command.file', { followUp: 'F1' })).toMatchObject({ result: 'done' })
    expect(run.say('command.file', { followUp: 'F1' })).toMatchObject({ result: 'done' })
    filed(run)
    filed(run)
    expect(run.say('command.file', { followUp: 'F1' })).toMatchObject({ result: 'done' })
    expect(run.all.filter(({ kind }) => kind === 'file-follow-up')).toHaveLength(1)
    expect(run.run.followUps[0]?.ticket).toEqual({ state: 'filed', repository: 'acme/web', number: 12, url: URL })
  })

  test('can be said to a run that is over or held', () => {
    const stopped = noticing('Prices are stale')
    stopped.say('command.stop', { why: '' })
    stopped.say('command.file', { followUp: 'F1' })
    filed(stopped)
    expect(stopped.run.followUps[0]?.ticket.state).toBe('filed')
    expect(stopped.run.status.state).toBe('stopped')
    const paused = noticing('Prices are stale')
    paused.say('command.pause', { why: '', cause: 'person' })
    expect(paused.say('command.file', { followUp: 'F1' })).toMatchObject({ result: 'done' })
    expect(paused.run.status.state).toBe('paused')
  })

  test('is offered again where it failed, and the issue counts where the answer was only late', () => {
    const run = noticing('Prices are stale')
    run.say('command.file', { followUp: 'F1' })
    const first = run.effect('file-follow-up').id
    run.send({ type: 'effect.failed', effect: first, failure: aFailure('permission') })
    expect(run.run.followUps[0]?.ticket).toMatchObject({ state: 'failed' })
    expect(run.last.effects.map(({ kind }) => kind)).toContain('show')
    run.say('command.file', { followUp: 'F1' })
    expect(run.effect('file-follow-up').id).not.toBe(first)
    run.send({ type: 'follow-up.filed', effect: first, followUp: 'F1', repository: 'acme/web', number: 12, url: URL })
    expect(run.run.followUps[0]?.ticket.state).toBe('filed')
  })

  test.each([
    [[], 'F1', 'Nothing was noticed'],
    [['One'], 'F2', 'lists F1.'],
    [['One', 'Two'], 'F9', 'lists F1 to F2.'],
  ])('of what is not there is refused: %j %s', (titles, followUp, words) => {
    const run = titles.length === 0 ? toCode(drive()) : noticing(...titles)
    const answer = run.say('command.file', { followUp })
    expect(answer.result).toBe('refused')
    expect(answer.text).toContain(words)
  })
})
