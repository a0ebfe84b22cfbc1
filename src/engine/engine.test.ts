import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CEILINGS } from '../../test/support/ceilings.ts'
import { ALICE, aRun, comment } from '../../test/support/core/build.ts'
import { drive, toApproval } from '../../test/support/core/drive.ts'
import { emptyStore } from '../../test/support/empty-store.ts'
import { SwitchyardError } from '../contract/failure.ts'
import type { Run } from '../pipeline/model.ts'
import { currentWait } from '../pipeline/state.ts'
import { listHistory } from '../store/history.ts'
import { createLeases } from '../store/leases.ts'
import { openStore } from '../store/open-store.ts'
import { addEffects, getEffect } from '../store/outbox.ts'
import { getRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { setTimer } from '../store/timers.ts'
import { admit } from './admission.ts'
import type { EngineQueue } from './announce.ts'
import { createEffectRunner, EFFECT_ATTEMPTS, type EffectHandlers } from './effects.ts'
import { createEngine, type Engine } from './engine.ts'
import { createSweeps, type SweepOptions } from './sweeps.ts'
import { fireDueTimers } from './timers.ts'

const log = pino({ level: 'silent' })
const MONEY = { prices: [], ceilings: CEILINGS }
const LIMITS = { deployment: 10, installation: 10, repository: 10, person: 10 }

/** Remembers what was put into it; can be down. */
function fakeQueue() {
  const added: string[] = []
  const later: { effect: string; notBefore: number }[] = []
  let down = false
  const guard = async () => {
    if (down) throw new Error('the queue is down')
  }
  const queue: EngineQueue & SweepOptions['queue'] = {
    addEffects: async (effects) => {
      await guard()
      added.push(...effects.map(({ effect }) => effect))
      later.push(...effects.flatMap(({ effect, notBefore }) => (notBefore === undefined ? [] : [{ effect, notBefore }])))
    },
    addTimers: guard,
    nudgeAdmission: guard,
    addDelivery: guard,
    addJob: guard,
    jobState: async () => 'absent',
  }
  return { queue, added, later, setDown: (value: boolean) => (down = value) }
}

let store: Store
let engine: Engine
let queue: ReturnType<typeof fakeQueue>
let now: number

beforeAll(async () => {
  store = await openStore({ log })
})
beforeEach(async () => {
  await emptyStore(store)
  queue = fakeQueue()
  now = 1_000
  engine = createEngine({ store, queue: queue.queue, now: () => now, log, showDelayMs: 0 })
})
afterAll(() => store.close())

async function started(): Promise<Run> {
  const run = aRun()
  await engine.create(run, { priority: false, text: 'a test' })
  await admit(store, engine, LIMITS)
  const admitted = await getRun(store.db, run.id)
  if (admitted === null) throw new Error('not there')
  return admitted
}

const stop = { type: 'command.stop', actor: ALICE, trigger: comment(), why: '' } as const

describe('the engine', () => {
  test('[RUN-1] an issue has one live run at most; the second start learns which', async () => {
    await engine.create(aRun({ id: 'first' }), { priority: false, text: '' })
    expect(await engine.create(aRun({ id: 'second' }), { priority: false, text: '' })).toEqual({
      created: false,
      live: 'first',
    })
  })

  test('an event is applied once, whatever brings it again', async () => {
    const run = await started()
    const first = await engine.apply(run.id, 'stop-1', stop)
    const again = await engine.apply(run.id, 'stop-1', stop)
    expect(first.applied).toBe(true)
    expect(again.applied).toBe(false)
    expect(again.run?.version).toBe(first.run?.version)
  })

  test('[RUN-9] run, history and effects of a decision are kept together', async () => {
    const run = await started()
    await engine.apply(run.id, 'stop-1', stop)
    const history = await listHistory(store.db, run.id, { limit: 100 })
    expect(history.map(({ what }) => what)).toEqual(['run.created', 'run.admitted', 'step.entered', 'run.stopped'])
    expect(history.at(-1)?.who).toBe('alice')
    expect(queue.added).toContain(`${run.id}-2-answer`)
  })

  test('[ING-3] what was committed while the queue was down is found by the sweep', async () => {
    const run = await started()
    queue.setDown(true)
    await engine.apply(run.id, 'stop-1', stop)
    const before = queue.added.length
    expect((await getEffect(store.db, `${run.id}-2-answer`))?.state).toBe('committed')
    queue.setDown(false)
    const sweeps = createSweeps({
      store,
      engine,
      queue: queue.queue,
      limits: LIMITS,
      money: MONEY,
      jobLostAfterMs: 1,
      now: () => now,
      log,
    })
    now += 60_000
    expect(await sweeps.outbox()).toBeGreaterThan(0)
    expect(queue.added.slice(before)).toContain(`${run.id}-2-answer`)
    expect((await getEffect(store.db, `${run.id}-2-answer`))?.state).toBe('enqueued')
  })

  test('a due timer fires once, and escalates a wait for a person without ending it', async () => {
    const { run, last } = toApproval(drive())
    const [timer] = last.timers
    if (timer === undefined) throw new Error('the approval sets no timer')
    await engine.create(run, { priority: false, text: '' })
    await setTimer(store.db, run.id, timer)
    now = timer.at
    expect(await fireDueTimers(store, engine, now - 1)).toBe(0)
    expect(await fireDueTimers(store, engine, now)).toBe(1)
    expect(await fireDueTimers(store, engine, now + 1)).toBe(0)
    const after = await getRun(store.db, run.id)
    expect(after?.status.state).toBe('active')
    expect(after === null ? null : currentWait(after)).toMatchObject({ for: 'person', escalated: true })
  })
})

describe('effects', () => {
  const nothing = async () => null
  const handlers: EffectHandlers = {
    'enqueue-job': nothing,
    'cancel-job': nothing,
    'advance-workflow': nothing,
    'open-pulls': nothing,
    'ask-checks': nothing,
    'ask-pulls': nothing,
    'merge-pull': nothing,
    'rerun-checks': nothing,
    'ask-reviews': nothing,
    'answer-threads': nothing,
    'file-ticket': nothing,
    'file-follow-up': nothing,
    'create-deployments': nothing,
    'ask-deployments': nothing,
    'ask-release': nothing,
    'open-reverts': nothing,
    'withdraw-merge': nothing,
    show: nothing,
    notify: nothing,
    answer: nothing,
    'finish-issue': nothing,
    'clean-up': nothing,
  }
  const runner = (
    changed: Partial<EffectHandlers>,
    blocked: () => { since: number; until: number } | null = () => null,
    meanwhile: () => Promise<void> = async () => undefined,
  ) =>
    createEffectRunner({
      store,
      engine,
      handlers: { ...handlers, ...changed },
      queue: queue.queue,
      blocked: async () => blocked(),
      now: () => now,
      log,
      withLease: (name, act) =>
        createLeases(store).withLease(name, async () => {
          await meanwhile()
          return act()
        }),
    })

  test('an effect is done once', async () => {
    const run = await started()
    let calls = 0
    const effects = runner({
      'enqueue-job': async () => {
        calls += 1
        return null
      },
    })
    const id = `${run.id}-plan-1-enqueue`
    expect(await effects.run(id)).toEqual({ kind: 'over' })
    expect(await effects.run(id)).toEqual({ kind: 'over' })
    expect(calls).toBe(1)
    expect((await getEffect(store.db, id))?.state).toBe('done')
  })

  test('what went wrong for a while is tried again; what cannot be done fails the step at once', async () => {
    const run = await started()
    const id = `${run.id}-plan-1-enqueue`
    const failing = (cause: 'api' | 'permission') =>
      runner({
        'enqueue-job': async () => {
          throw new SwitchyardError({ cause, message: 'no' })
        },
      })
    expect((await failing('api').run(id)).kind).toBe('again')
    expect((await getRun(store.db, run.id))?.status.state).toBe('active')
    expect((await failing('permission').run(id)).kind).toBe('over')
    expect((await getRun(store.db, run.id))?.status).toMatchObject({ state: 'failed', failure: { cause: 'permission' } })
  })

  test('[RUN-7] after a stop nothing that creates is carried out any more', async () => {
    const run = await started()
    await engine.apply(run.id, 'stop-1', stop)
    let called = false
    const effects = runner({
      'enqueue-job': async () => {
        called = true
        return null
      },
    })
    await effects.run(`${run.id}-plan-1-enqueue`)
    expect(called).toBe(false)
    expect((await getEffect(store.db, `${run.id}-plan-1-enqueue`))?.state).toBe('done')
  })

  test('of several renderings only the last is made, and the others are over', async () => {
    const run = await started()
    const [first, second] = [`${run.id}-0-show`, `${run.id}-1-show`]
    const shown: string[] = []
    const effects = runner({
      show: async ({ id }) => {
        shown.push(id)
        return null
      },
    })
    expect(await effects.run(first)).toEqual({ kind: 'over' })
    expect((await getEffect(store.db, first))?.state).toBe('done')
    expect(await effects.run(second)).toEqual({ kind: 'over' })
    expect(shown).toEqual([second])
  })

  test('a rendering that waits for its turn leaves what came meanwhile to the newer one', async () => {
    const run = await started()
    let shown = 0
    const effects = runner(
      {
        show: async () => {
          shown += 1
          return null
        },
      },
      () => null,
      () => engine.refresh(run.id, 'meanwhile'),
    )
    expect(await effects.run(`${run.id}-1-show`)).toEqual({ kind: 'over' })
    expect(shown).toBe(0)
    expect((await getEffect(store.db, `${run.id}-show-meanwhile`))?.state).not.toBe('done')
  })

  test('what is asked of GitHub for a run keeps its agents and its script not waiting', async () => {
    const run = await started()
    const [rendered, begun] = [Promise.withResolvers<null>(), Promise.withResolvers<void>()]
    const effects = runner({
      show: async () => {
        begun.resolve()
        return rendered.promise
      },
    })
    const showing = effects.run(`${run.id}-1-show`)
    await begun.promise
    expect(await effects.run(`${run.id}-plan-1-enqueue`)).toEqual({ kind: 'over' })
    expect((await getEffect(store.db, `${run.id}-plan-1-enqueue`))?.state).toBe('done')
    rendered.resolve(null)
    await showing
  })

  test('[FAIL-4] while GitHub is to be left alone no attempt is made nor used up, no sweep looks, and the history says it once', async () => {
    const run = await started()
    const [first, second] = [`${run.id}-1-show`, `${run.id}-clean-up`]
    await addEffects(store.db, run.id, [{ kind: 'clean-up', id: second, legs: [] }], now)
    let calls = 0
    let block: { since: number; until: number } | null = { since: 900, until: 400_000 }
    const counted = async () => {
      calls += 1
      return null
    }
    const effects = runner({ show: counted, 'clean-up': counted }, () => block)
    expect(await effects.run(first)).toEqual({ kind: 'blocked', until: 400_000 })
    expect(await effects.run(second)).toEqual({ kind: 'blocked', until: 400_000 })
    expect(calls).toBe(0)
    expect(await getEffect(store.db, first)).toMatchObject({ state: 'enqueued', attempts: 0 })
    expect(queue.later).toEqual([first, second].map((effect) => ({ effect, notBefore: 400_000 })))
    const notes = (await listHistory(store.db, run.id, { limit: 100 })).filter(({ what }) => what === 'run.blocked')
    expect(notes.map(({ text }) => text)).toEqual([
      "GitHub's rate limit is used up; it goes on by itself at 1970-01-01T00:06:40.000Z",
    ])

    const sweeps = createSweeps({
      store,
      engine,
      queue: queue.queue,
      limits: LIMITS,
      money: MONEY,
      jobLostAfterMs: 1,
      now: () => now,
      log,
    })
    now = 399_000
    await sweeps.outbox()
    const sweptEarly = queue.added.length
    now = 461_000
    expect(await sweeps.outbox()).toBeGreaterThanOrEqual(2)
    expect(queue.added.slice(sweptEarly)).toEqual(expect.arrayContaining([first, second]))
    block = null
    await effects.run(first)
    await effects.run(second)
    expect(calls).toBe(2)
    expect((await getEffect(store.db, second))?.state).toBe('done')
  })

  test('[FAIL-4] an effect that meets a rate limit waits for its end, however often, and does not fail the run', async () => {
    const run = await started()
    const id = `${run.id}-1-show`
    const effects = runner({
      show: async () => {
        throw new SwitchyardError({ cause: 'rate-limit', message: 'no', retryAt: now + 30_000 })
      },
    })
    for (let times = 0; times < EFFECT_ATTEMPTS + 2; times += 1) {
      expect(await effects.run(id)).toEqual({ kind: 'blocked', until: now + 30_000 })
      now += 30_000
    }
    expect(await getEffect(store.db, id)).toMatchObject({ state: 'enqueued', attempts: 0 })
    expect((await getRun(store.db, run.id))?.status.state).toBe('active')
  })

  test('[FAIL-4] what needs nothing of GitHub waits for none of its limits', async () => {
    const run = await started()
    const effects = runner({}, () => ({ since: 1, until: 400_000 }))
    expect(await effects.run(`${run.id}-plan-1-enqueue`)).toEqual({ kind: 'over' })
  })
})
