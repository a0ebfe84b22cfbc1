/**
 * Simulated scripts of dynamic workflows, with their journal: waves of calls, questions to people, a collection. What was paid
 * for is not asked for again; no more than sixteen work at once, and of those that write to the work branches one.
 */
import type { JobResult } from '../../src/contract/job.ts'
import type { EffectOf } from '../../src/pipeline/effects.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { callEnd, collisionOf } from '../../src/pipeline/steps/workflow-call.ts'
import { workingOf } from '../../src/pipeline/steps/workflow-data.ts'
import { CALLS_AT_ONCE, type CallToStart } from '../../src/pipeline/workflow.ts'
import { BrokenInvariant } from '../support/core/audit.ts'
import type { SimCall, SimJournal } from './workflow-audit.ts'
import { mishap, type SimRun, saw, type World } from './world.ts'

type Advance = EffectOf<'advance-workflow'>

function journalOf(world: World, sim: SimRun, { step, journal }: { step: string; journal: number }): SimJournal {
  const name = `${step}-${journal}`
  const known = sim.journals.get(name)
  if (known !== undefined) return known
  const fresh: SimJournal = { calls: [], wavesLeft: world.random.int(1, 3), results: new Map() }
  sim.journals.set(name, fresh)
  return fresh
}

/** The call that a job is for; null where it is for none. */
export function simCall(world: World, sim: SimRun, { step, call }: EffectOf<'enqueue-job'>): SimCall | null {
  if (call === undefined) return null
  return journalOf(world, sim, { step, journal: call.journal }).calls.find(({ index }) => index === call.index) ?? null
}

/** A job of a call begins: not where its result is there already. */
export function callBegins(world: World, sim: SimRun, effect: EffectOf<'enqueue-job'>): void {
  const call = simCall(world, sim, effect)
  if (effect.call === undefined) return
  if (call === null) throw new BrokenInvariant('workflow', `the journal has no call ${effect.call.index}`)
  if (call.state === 'done') throw new BrokenInvariant('workflow', `call ${call.index} was paid for already`)
  call.job = effect.job
}

/** A job of a call has ended, and its result is stored, whoever waits for it. */
export function callEnds(world: World, sim: SimRun, effect: EffectOf<'enqueue-job'>, result: JobResult): void {
  if (effect.call === undefined) return
  journalOf(world, sim, { step: effect.step, journal: effect.call.journal }).results.set(effect.job, result)
}

/** The script goes on; done twice, it comes to the same. */
export function advanceScript(world: World, sim: SimRun, effect: Advance): RunEvent | null {
  const step = sim.run.steps.find(({ id }) => id === effect.step)
  const data = step === undefined ? null : workingOf(step)
  if (data === null) return null
  const journal = journalOf(world, sim, effect)
  settle(journal, effect)
  if (effect.again) takeBack(world, journal)
  const over = journal.calls.every(({ state }) => state !== 'asked')
  if (over && journal.wavesLeft > 0) ask(world, journal)
  const flight = new Set([...data.calls, ...data.settled].map(({ index }) => index))
  const asked = journal.calls.filter(({ state }) => state === 'asked')
  const waiting = asked.filter(({ index, kind }) => kind !== 'checkpoint' && !flight.has(index))
  const count = (state: SimCall['state']) => journal.calls.filter((call) => call.state === state).length
  return {
    type: 'workflow.advanced',
    effect: effect.id,
    start: waiting.slice(0, CALLS_AT_ONCE).map(startOf),
    checkpoints: asked.flatMap(({ index, kind }) =>
      kind === 'checkpoint' ? [{ index, question: 'Go on?', options: index % 2 === 0 ? ['yes', 'no'] : [] }] : [],
    ),
    phases: [{ title: 'Work', asked: journal.calls.length, done: count('done'), failed: count('failed') }],
    log: [],
    logged: 0,
    replayed: effect.again ? count('done') : null,
    script: stateOf(world, journal, asked.length, waiting.length),
  }
}

function stateOf(world: World, { wavesLeft }: SimJournal, asked: number, open: number) {
  if (mishap(world, 0.03)) {
    saw(world, 'workflow: the script failed')
    return { state: 'failed', failure: { cause: 'config', message: 'swarm.js:3:1: it threw' } } as const
  }
  if (asked === 0 && wavesLeft === 0) return { state: 'done', title: null, text: 'all done' } as const
  return { state: 'waiting', open } as const
}

function settle({ calls, results }: SimJournal, effect: Advance): void {
  for (const { index, job, answer, why } of effect.settled) {
    const call = calls.find((each) => each.index === index)
    if (call === undefined || call.state !== 'asked') continue
    const result = job === null ? undefined : results.get(job)
    const good = answer !== null || (result !== undefined && isEnd(call, result))
    if (good) call.state = 'done'
    else if (why !== null && !effect.again) call.state = 'failed'
  }
  if (!effect.again) return
  // What came in while nobody waited for it was paid for.
  for (const call of calls) {
    const result = call.job === null ? undefined : results.get(call.job)
    if (call.state === 'asked' && result !== undefined && isEnd(call, result)) call.state = 'done'
  }
}

function isEnd({ kind }: SimCall, result: JobResult): boolean {
  if (callEnd(result) !== null) return false
  if (kind !== 'collect') return true
  const has = result.status === 'finished' && result.report.result !== undefined
  return has && collisionOf({ kind: 'collect' }, result) === null
}

function takeBack(world: World, journal: SimJournal): void {
  const failed = journal.calls.filter(({ state }) => state === 'failed')
  if (failed.length > 0) saw(world, 'workflow: failures tried again')
  for (const call of failed) call.state = 'asked'
  saw(world, 'workflow: began again')
}

/** The next wave: many alike, some on branches of their own, a question now and then, at last a collection. */
function ask(world: World, journal: SimJournal): void {
  const { random } = world
  journal.wavesLeft -= 1
  const add = (call: Pick<SimCall, 'kind' | 'mode' | 'apart'>) =>
    journal.calls.push({ ...call, index: journal.calls.length, state: 'asked', job: null })
  const many = random.pick([1, 2, 3, 5, 20])
  const code = random.chance(0.5)
  const apart = random.chance(0.6)
  for (let each = 0; each < many; each += 1) add({ kind: 'agent', mode: code ? 'code' : 'explore', apart: code && apart })
  if (random.chance(0.25)) add({ kind: 'checkpoint', mode: 'explore', apart: false })
  if (code && apart && journal.wavesLeft === 0) add({ kind: 'collect', mode: 'code', apart: false })
  if (many > CALLS_AT_ONCE) saw(world, 'workflow: more calls than places')
}

function startOf({ index, kind, mode, apart }: SimCall): CallToStart {
  const common = { index, label: `call ${index}`, phase: 'Work', mode, apart }
  return kind === 'collect'
    ? { ...common, kind, role: 'collect' }
    : { ...common, kind: 'agent', role: mode === 'code' ? 'coder' : 'researcher' }
}
