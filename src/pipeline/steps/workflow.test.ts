import { describe, expect, test } from 'vitest'
import { API, aStep, sha } from '../../../test/support/core/build.ts'
import { type Drive, drive } from '../../../test/support/core/drive.ts'
import { aFailure, failedJob, pushed, reported, worked } from '../../../test/support/core/results.ts'
import { JobId } from '../../contract/ids.ts'
import type { JobResult } from '../../contract/job.ts'
import type { RunEventOf } from '../events.ts'
import { awaitedJobs } from '../state.ts'
import type { CallToStart } from '../workflow.ts'
import { workingOf } from './workflow-data.ts'

const RETRY = { cap: 3, infrastructure: 5, gapMs: 120_000 }

function swarming(options: Record<string, unknown> = {}): Drive {
  const steps = [aStep('workflow', 'swarm', { workflow: 'swarm', ...options }), aStep('agent', 'code')]
  const run = drive({ steps, settings: { retry: RETRY } })
  run.send({ type: 'run.admitted' })
  return run
}

/** The script has gone on, and asks for these. */
function advanced(run: Drive, start: CallToStart[], more: Partial<RunEventOf<'workflow.advanced'>> = {}) {
  const script = { state: 'waiting', open: start.length } as const
  const nothing = { checkpoints: [], phases: [], log: [], logged: 0, replayed: null, script }
  return run.send({ type: 'workflow.advanced', effect: run.effect('advance-workflow').id, start, ...nothing, ...more })
}

const explorer = (index: number): CallToStart => {
  const common = { label: `call ${index}`, phase: 'Look', role: 'researcher' }
  return { index, kind: 'agent', mode: 'explore', apart: false, ...common }
}
const coder = (index: number, apart = false): CallToStart => ({ ...explorer(index), role: 'coder', mode: 'code', apart })
const many = (count: number, make = explorer) => Array.from({ length: count }, (_, index) => make(index))
const data = (run: Drive) => workingOf(run.step('swarm'))
const jobs = (run: Drive) => awaitedJobs(run.wait())
const job = (epoch: number) => JobId.parse(`run1-swarm-${epoch}`)
const end = (run: Drive, of: JobId, result: JobResult) => run.send({ type: 'job.finished', job: of, result })
const sent = (run: Drive) => run.last.effects.filter((effect) => effect.kind === 'enqueue-job')
const first = (run: Drive) => jobs(run)[0] ?? job(999)

describe('[WF-2] the calls of a workflow', () => {
  test('are jobs in the order in which they were asked for, sixteen at once at the most', () => {
    const run = swarming()
    expect(run.wait()).toEqual({ for: 'calls', jobs: [], effect: run.effect('advance-workflow').id })
    advanced(run, many(16))
    expect(jobs(run)).toHaveLength(16)
    expect(sent(run).map(({ call }) => call?.index)).toEqual(many(16).map(({ index }) => index))
    // The first that ends is told, and only then the next one begins, whatever is offered.
    end(run, job(2), worked())
    expect(run.effect('advance-workflow').settled).toMatchObject([{ index: 0, job: job(2), why: null }])
    advanced(run, [explorer(16), explorer(17)])
    expect(sent(run).map(({ call }) => call?.index)).toEqual([16])
    expect(jobs(run)).toHaveLength(16)
  })

  test('that end while the script is being told are told next, each once', () => {
    const run = swarming()
    advanced(run, many(3))
    const [one = job(1), two = job(1), three = job(1)] = jobs(run)
    end(run, three, worked())
    const telling = run.effect('advance-workflow').id
    end(run, one, worked())
    expect(run.effect('advance-workflow').id).toBe(telling)
    advanced(run, [])
    expect(run.effect('advance-workflow').settled.map(({ index }) => index)).toEqual([0])
    expect(jobs(run)).toEqual([two])
    // A doubled answer moves nothing.
    expect(run.send({ ...answerOf(run), effect: telling }).effects).toEqual([])
  })

  test('write to the work branches one at a time; on branches of their own all at once, and the legs stay as they are', () => {
    const run = swarming()
    advanced(run, [coder(0), coder(1), coder(2, true), coder(3, true)])
    expect(data(run)?.calls.map(({ index }) => index)).toEqual([0, 2, 3])
    const apart = data(run)?.calls.find(({ index }) => index === 2)?.job ?? job(1)
    end(run, apart, worked([pushed(run.leg(API), sha('apart'))]))
    expect(run.leg(API).head).toBeNull()
    end(run, data(run)?.calls[0]?.job ?? job(1), worked([pushed(run.leg(API), sha('here'))]))
    expect(run.leg(API).head).toBe(sha('here'))
  })

  test('whose runner was lost are asked for again, three times in all; what an agent could not do is told to the script', () => {
    const run = swarming()
    advanced(run, [explorer(0), explorer(1)])
    const other = jobs(run)[1] ?? job(1)
    for (const _ of [1, 2]) run.send({ type: 'job.lost', job: first(run), why: 'gone' })
    expect(jobs(run)).toHaveLength(2)
    expect(run.all.filter(({ kind }) => kind === 'advance-workflow')).toHaveLength(1)
    run.send({ type: 'effect.failed', effect: `${first(run)}-enqueue`, failure: aFailure('dispatch', 'no queue') })
    expect(run.effect('advance-workflow').settled).toMatchObject([{ index: 0, why: 'no queue' }])
    advanced(run, [])
    end(run, other, failedJob('agent'))
    expect(run.effect('advance-workflow').settled).toMatchObject([{ index: 1, why: 'it did not work' }])
  })

  test('stop everything where a setting or a permission is missing, and their jobs are cancelled', () => {
    const run = swarming()
    advanced(run, many(3))
    end(run, first(run), failedJob('permission'))
    expect(run.run.status).toMatchObject({ state: 'failed', failure: { cause: 'permission' } })
    expect(run.last.effects.filter(({ kind }) => kind === 'cancel-job')).toHaveLength(2)
  })

  test('[WF-5] that meet a limit of the model let the others end, then the run waits for it, and goes on with the journal', () => {
    const run = swarming()
    advanced(run, many(2))
    const other = jobs(run)[1] ?? job(1)
    end(run, first(run), failedJob('rate-limit'))
    expect(run.wait()).toMatchObject({ for: 'calls', jobs: [other] })
    end(run, other, worked())
    expect(run.wait()).toMatchObject({ for: 'retry', failure: { cause: 'rate-limit' } })
    run.now += 10 * 60_000
    run.send({ type: 'timer.fired', timer: `swarm-${run.step('swarm').epoch}-retry` })
    expect(run.effect('advance-workflow')).toMatchObject({ journal: 1, again: true, settled: [{ index: 1, job: other }] })
  })

  test('[WF-5] of a phase with a budget are paid from its purse', () => {
    const run = swarming({ budgets: { Look: 2.5 } })
    advanced(run, [explorer(0), { ...explorer(1), phase: 'Write' }])
    expect(sent(run).map(({ purse }) => purse)).toEqual([{ name: 'Look', limitUsd: 2.5 }, undefined])
  })
})

/** An answer of the right shape. */
function answerOf(run: Drive): RunEventOf<'workflow.advanced'> {
  const nothing = { start: [], checkpoints: [], phases: [], log: [], logged: 0, replayed: null }
  return {
    type: 'workflow.advanced',
    effect: run.effect('advance-workflow').id,
    ...nothing,
    script: { state: 'waiting', open: 0 },
  }
}

describe('[STP-16] a workflow', () => {
  const question = { index: 4, question: 'Go on?', options: ['Yes', 'No'] }

  test('asks a person, by number or words, and goes on with the answer', () => {
    const run = swarming()
    advanced(run, [explorer(0)], { checkpoints: [question] })
    expect(run.wait()).toMatchObject({ for: 'calls' })
    end(run, first(run), worked())
    advanced(run, [], { checkpoints: [question] })
    expect(run.wait()).toMatchObject({ for: 'person', what: 'checkpoint' })
    expect(run.say('command.answer', { id: null, text: 'Maybe', dismiss: false }).text).toMatch(/number of an option, 1 to 2/)
    expect(run.say('command.answer', { id: 'Q9', text: 'Yes', dismiss: false }).text).toMatch(/no open question Q9/)
    expect(run.say('command.answer', { id: 'Q4', text: '2', dismiss: false }).result).toBe('done')
    expect(run.effect('advance-workflow').settled).toMatchObject([{ index: 4, answer: 'No', by: 'alice' }])
  })

  test('is paused with its jobs’ work kept, and begins again from its journal, with what ended and was not told', () => {
    const run = swarming()
    advanced(run, many(3))
    const [one = job(1)] = jobs(run)
    end(run, one, worked())
    run.say('command.pause', { why: '', cause: 'person' })
    expect(run.last.effects.filter((effect) => effect.kind === 'cancel-job').map(({ keep }) => keep)).toEqual([true, true])
    run.say('command.resume', {})
    expect(run.effect('advance-workflow')).toMatchObject({ journal: 1, again: true, settled: [{ index: 0, job: one }] })
    advanced(run, [explorer(1), explorer(2)], { replayed: 1 })
    expect(run.last.facts.map(({ text }) => text)).toContain('1 call was done before, and cost nothing again')
  })

  test('[WF-3] goes on with an edited script where it failed, and says how many calls are taken over', () => {
    const run = swarming()
    advanced(run, [], { script: { state: 'failed', failure: aFailure('config', 'swarm.js:3:1: no') } })
    expect(run.run.status.state).toBe('failed')
    const edited = { workflows: { swarm: 'another' }, replays: 7 }
    expect(run.say('command.resume', { edited }).text).toMatch(/7 calls are taken over/)
    expect(run.run.settings.workflows).toEqual({ swarm: 'another' })
    expect(run.effect('advance-workflow')).toMatchObject({ journal: 1, again: true })
    expect(run.say('command.resume', { edited }).text).toMatch(/pause` comes first/)
  })

  test('[CS-8] [WF-4] stopped has its calls’ branches deleted only at a person’s word, also where nothing was collected', () => {
    const run = swarming()
    advanced(run, [coder(0, true)])
    run.say('command.stop', { why: '' })
    expect(run.last.effects.map(({ kind }) => kind)).not.toContain('clean-up')
    run.say('command.stop', { why: '', clean: true })
    expect(run.effect('clean-up')).toMatchObject({ legs: [], calls: true })
    run.send({ type: 'cleaned.up', effect: run.effect('clean-up').id, pulls: [] })
    expect(run.last.effects.map(({ kind }) => kind)).toEqual(['show'])
  })

  test('restarted it has a journal of its own', () => {
    const run = swarming()
    advanced(run, many(2))
    run.say('command.restart', { step: run.step('swarm').id })
    expect(run.effect('advance-workflow')).toMatchObject({ journal: run.step('swarm').epoch, again: false, settled: [] })
  })

  test('that has ended cancels what nobody waited for, and yields what the script gave', () => {
    const run = swarming()
    advanced(run, many(2))
    end(run, first(run), worked())
    advanced(run, [], { script: { state: 'done', title: 'Found', text: 'all of it' } })
    expect(run.last.effects.filter(({ kind }) => kind === 'cancel-job')).toHaveLength(1)
    expect(run.step('swarm').output).toMatchObject({ kind: 'workflow', title: 'Found', text: 'all of it' })
    expect(run.job()).toBe('run1-code-1')
  })

  test('[WF-4] a collection that meets a conflict has it resolved once, and goes on behind it', () => {
    const run = swarming()
    const collect: CallToStart = { ...coder(5), kind: 'collect', role: 'collect' }
    advanced(run, [collect])
    const collision = { leg: API, branch: 'call-3' }
    end(run, first(run), reported({ result: { merged: [], collision } }))
    expect(sent(run)).toMatchObject([{ role: 'resolver', mergesBase: true, call: { index: 5, resolves: collision } }])
    end(run, first(run), worked([pushed(run.leg(API), sha('resolved'))]))
    expect(sent(run)).toMatchObject([{ role: 'collect', mergesBase: false, call: { index: 5, resolves: null } }])
    end(run, first(run), reported({ result: { merged: [], collision } }))
    expect(sent(run)).toMatchObject([{ role: 'collect', call: { index: 5, resolves: null, leaves: [collision] } }])
    // The next one an agent cannot resolve: it is left as well, and the script is told when there is nothing else to merge.
    const second = { leg: API, branch: 'call-4' }
    end(run, first(run), reported({ result: { merged: [], collision: second } }))
    end(run, first(run), failedJob('agent'))
    expect(sent(run)).toMatchObject([{ role: 'collect', call: { leaves: [collision, second] } }])
    expect(run.last.facts.map(({ text }) => text)).toContainEqual(expect.stringContaining('call-4 conflicts'))
    end(run, first(run), reported({ result: { merged: [], collision: null } }))
    expect(run.effect('advance-workflow').settled).toMatchObject([{ index: 5, why: null }])
  })
})
