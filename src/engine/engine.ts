/**
 * The shell around the core. In one transaction it locks the run, claims the event, decides, and keeps what was decided:
 * the run, its history, its effects (the outbox), its timers. Only after the commit is anything put into a queue, and
 * whatever a crash kept from being put there, a sweep finds (`sweeps.ts`).
 */
import { crashPoint } from '../contract/crash-point.ts'
import type { RunId } from '../contract/ids.ts'
import { decide } from '../pipeline/decide.ts'
import type { Effect } from '../pipeline/effects.ts'
import type { RunEvent } from '../pipeline/events.ts'
import type { Run } from '../pipeline/model.ts'
import { isLive, shownState } from '../pipeline/state.ts'
import type { Tx } from '../store/db.ts'
import { appendHistory } from '../store/history.ts'
import { addEffects } from '../store/outbox.ts'
import { getRun, insertRun } from '../store/runs.ts'
import { applyEvent, lockAndClaim, saveAll } from '../store/save-run.ts'
import { cancelTimers } from '../store/timers.ts'
import { type AnnounceOptions, type Committed, createAnnounce } from './announce.ts'
import { createRecentRuns, type RecentRuns } from './recent-runs.ts'

export type EngineOptions = AnnounceOptions

/** What became of an event. */
export type Applied =
  | { applied: true; run: Run }
  /** The run had this event before, or there is no such run. */
  | { applied: false; run: Run | null }

export interface Engine {
  /** Creates a run in state `queued`; when the issue has a live one, says which. */
  create(run: Run, options: { priority: boolean; text: string }): Promise<{ created: true } | { created: false; live: RunId }>
  /** Applies an event once: `key` names it within its run for ever. `also` is done in the same transaction, if it was applied or not. */
  apply(runId: RunId, key: string, event: RunEvent, also?: (tx: Tx) => Promise<void>): Promise<Applied>
  /** The same inside a transaction of the caller's; announce what it gives after the commit. */
  applyWithin(tx: Tx, runId: RunId, key: string, event: RunEvent): Promise<{ applied: Applied; committed: Committed | null }>
  /** Has what GitHub shows of a run brought up to date, although nothing changed in the run. */
  refresh(runId: RunId, key: string): Promise<void>
  /** Puts a committed decision's effects and timers into the queues. */
  announce(committed: Committed): Promise<void>
}

export function createEngine(options: EngineOptions): Engine {
  const { store, now } = options
  const recent = createRecentRuns()
  const announce = createAnnounce(options)
  const engine: Engine = {
    create: (run, { priority, text }) => create(options, engine.announce, run, priority, text),
    apply: async (runId, key, event, also) => {
      const { applied, committed } =
        also === undefined
          ? await applyAlone(options, recent, runId, key, event)
          : await store.db.transaction(async (tx) => {
              const outcome = await engine.applyWithin(tx, runId, key, event)
              await also(tx)
              return outcome
            })
      crashPoint('run-saved')
      if (committed !== null) await engine.announce(committed)
      return applied
    },
    applyWithin: async (tx, runId, key, event) => {
      const at = now()
      const claimed = await lockAndClaim(tx, runId, key, at)
      if (claimed === null || !claimed.first) return { applied: { applied: false, run: claimed?.run ?? null }, committed: null }
      const decision = decide(claimed.run, event, at)
      if (decision.run === claimed.run) return { applied: { applied: true, run: claimed.run }, committed: null }
      await saveAll(tx, { ...decision, state: shownState(decision.run) }, at)
      if (!isLive(decision.run)) await cancelTimers(tx, runId)
      return { applied: { applied: true, run: decision.run }, committed: { ...decision, before: claimed.run } }
    },
    refresh: async (runId, key) => {
      const run = await getRun(store.db, runId)
      if (run === null) return
      const effects: Effect[] = [{ kind: 'show', id: `${runId}-show-${key}` }]
      await addEffects(store.db, runId, effects, now())
      await announce({ before: run, run, effects, timers: [] })
    },
    announce: async (committed) => {
      recent.keep(committed.run)
      await announce(committed)
    },
  }
  return engine
}

/** The short way, where nothing else belongs into the transaction: one round trip to the store, or two where the run is read. */
async function applyAlone(
  { store, now }: EngineOptions,
  recent: RecentRuns,
  runId: RunId,
  key: string,
  event: RunEvent,
): ReturnType<Engine['applyWithin']> {
  const at = now()
  const result = await applyEvent(store.db, { id: runId, eventKey: key, at, known: recent.take(runId) }, (run) => {
    const decision = decide(run, event, at)
    return decision.run === run ? null : { ...decision, state: shownState(decision.run) }
  })
  switch (result.outcome) {
    case 'unknown-run':
      return { applied: { applied: false, run: null }, committed: null }
    case 'repeated':
      recent.keep(result.run)
      return { applied: { applied: false, run: result.run }, committed: null }
    case 'unchanged':
      recent.keep(result.run)
      return { applied: { applied: true, run: result.run }, committed: null }
    case 'saved': {
      const { run, effects, timers } = result.saved
      // Timers of a run that is over do nothing when they fire; a crash before this line costs no more than that.
      if (!isLive(run)) await cancelTimers(store.db, runId)
      return { applied: { applied: true, run }, committed: { before: result.before, run, effects, timers } }
    }
  }
}

async function create(
  { store, now }: EngineOptions,
  announce: Engine['announce'],
  run: Run,
  priority: boolean,
  text: string,
): ReturnType<Engine['create']> {
  const effects: Effect[] = [{ kind: 'show', id: `${run.id}-${run.version}-show` }]
  const inserted = await store.db.transaction(async (tx) => {
    const outcome = await insertRun(tx, run, shownState(run), { priority })
    if (!outcome.created) return outcome
    await appendHistory(tx, run.id, run.version, now(), [{ what: 'run.created', who: run.task.requestedBy.login, text }])
    await addEffects(tx, run.id, effects, now())
    return outcome
  })
  crashPoint('run-saved')
  if (inserted.created) await announce({ before: null, run, effects, timers: [] })
  return inserted
}
