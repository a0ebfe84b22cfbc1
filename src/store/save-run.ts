/**
 * The hot path: a decision's outcome in one statement. Run, legs, history, effects and timers go out together as JSON
 * documents, so that what it costs does not depend on how much was decided.
 *
 * Two ways lead here. {@link applyEvent} decides on what the caller remembers of the run, or reads it, and saves only if the
 * run is still at that version and has not had the event: the row lock that the update takes makes decisions for one run come
 * one after the other, and whoever comes second, or remembered wrong, reads and decides anew. {@link lockAndClaim} with {@link saveAll} holds the row from the first read; for
 * transactions that have more to do.
 */
import { isDeepStrictEqual } from 'node:util'
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { SwitchyardError } from '../contract/failure.ts'
import type { RunId } from '../contract/ids.ts'
import type { Effect, Fact, Timer } from '../pipeline/effects.ts'
import { type Instant, Run } from '../pipeline/model.ts'
import { isLive, type ShownState } from '../pipeline/state.ts'
import { type Db, rowsOf, type Tx } from './db.ts'
import { prepared } from './prepared.ts'
import { legColumns } from './run-legs.ts'
import { toJson, toText } from './to-postgres.ts'

/** How often to decide anew when others decided for the same run in between. */
const APPLY_TRIES = 50

/** A decision to keep. */
export interface Saved {
  run: Run
  state: ShownState
  facts: readonly Fact[]
  effects: readonly Effect[]
  timers?: readonly Timer[]
}

export type Applied<S extends Saved> =
  | { outcome: 'saved'; before: Run; saved: S }
  /** The event means nothing to the run as it is: nothing is kept, the event's key neither. */
  | { outcome: 'unchanged'; run: Run }
  | { outcome: 'repeated'; run: Run }
  | { outcome: 'unknown-run' }

const ReadRow = z.object({ data: Run, seen: z.boolean() })

/** An event for a run, and when it came. */
export interface ToApply {
  id: RunId
  /** Names the event within its run for ever. */
  eventKey: string
  at: Instant
  /** The run as the caller remembers it; it may have changed since. */
  known?: Run | null
}

/**
 * Brings an event to a run, once: lets `decide` decide and keeps what it decided, whole or not at all. `decide` must be
 * pure and count the run's version up, or give null where nothing changes; it is called again when the run was remembered
 * wrong or somebody else decided in between.
 */
export async function applyEvent<S extends Saved>(
  db: Db,
  { id, eventKey, at, known = null }: ToApply,
  decide: (run: Run) => S | null,
): Promise<Applied<S>> {
  const save = async (before: Run, saved: S): Promise<boolean> => {
    if (saved.run.version <= before.version) {
      throw new SwitchyardError({ cause: 'internal', message: `A decision for run ${id} did not count its version up.` })
    }
    const statement = saveStatement(saved, at, { before, eventKey })
    return rowsOf(KeptRow, await prepared(db, 'switchyard-apply-event', statement)).length === 1
  }
  const guessed = known === null ? null : decide(known)
  // That nothing changes is believed only of the run as it is.
  if (known !== null && guessed !== null && (await save(known, guessed)))
    return { outcome: 'saved', before: known, saved: guessed }
  for (let tries = 0; tries < APPLY_TRIES; tries++) {
    const [read] = rowsOf(ReadRow, await prepared(db, 'switchyard-read-run', readStatement(id, eventKey)))
    if (read === undefined) return { outcome: 'unknown-run' }
    if (read.seen) return { outcome: 'repeated', run: read.data }
    const saved = decide(read.data)
    if (saved === null) return { outcome: 'unchanged', run: read.data }
    if (await save(read.data, saved)) return { outcome: 'saved', before: read.data, saved }
  }
  throw new SwitchyardError({ cause: 'internal', message: `Run ${id} is decided for so often that an event found no gap.` })
}

/** What {@link lockAndClaim} found. */
export type Claimed = { run: Run; first: boolean } | null

const ClaimedRow = z.object({ data: Run, first: z.boolean() })

/**
 * Locks a run, then claims an event for it. `first` is false when the run had this event already; null when there is no
 * such run. Always in this order, so that two who bring the same event wait for the run and not for each other.
 */
export async function lockAndClaim(tx: Tx, id: RunId, eventKey: string, at: Instant): Promise<Claimed> {
  const claim = sql`
    with locked as materialized (select id, data from runs where id = ${id} for update),
    claimed as (
      insert into applied_events (run_id, key, at) select id, ${eventKey}, ${at}::bigint from locked
      on conflict do nothing returning 1
    )
    select data, exists (select from claimed) as first from locked`
  const [found] = rowsOf(ClaimedRow, await prepared(tx, 'switchyard-lock-and-claim', claim))
  return found === undefined ? null : { run: found.data, first: found.first }
}

/** Keeps a decision whole: the run with its legs, its facts, its effects (committed, not enqueued) and its timers. */
export async function saveAll(tx: Tx, saved: Saved, at: Instant): Promise<void> {
  await prepared(tx, 'switchyard-save-run', saveStatement(saved, at, null))
}

/** Keeps a run and its legs, nothing else. */
export async function saveRun(tx: Tx, run: Run, state: ShownState, at: Instant = Date.now()): Promise<void> {
  await saveAll(tx, { run, state, facts: [], effects: [] }, at)
}

function readStatement(id: RunId, eventKey: string): SQL {
  return sql`
    select data, exists (select from applied_events where run_id = ${id} and key = ${eventKey}) as seen
    from runs where id = ${id}`
}

const KeptRow = z.object({ id: z.string() })

/** With a guard: only if the run is as it was before and has not had the event, which is noted with it. */
function saveStatement(
  { run, state, facts, effects, timers = [] }: Saved,
  at: Instant,
  guard: { before: Run; eventKey: string } | null,
): SQL {
  const live = isLive(run)
  const legs = guard === null ? run.legs.map((leg) => legColumns(run, leg)) : changedLegs(guard.before, run)
  const unchanged =
    guard === null
      ? sql``
      : sql`and version = ${guard.before.version}::int
          and not exists (select from applied_events where run_id = ${run.id} and key = ${guard.eventKey})`
  const event =
    guard === null
      ? sql``
      : sql`event as (insert into applied_events (run_id, key, at) select id, ${guard.eventKey}, ${at}::bigint from saved),`
  return sql`
    with saved as (
      update runs set state = ${state}, live = ${live}, title = ${toText(run.task.title)},
        repository = ${run.task.repository}, installation_id = ${run.task.installationId}::bigint, version = ${run.version}::int,
        data = ${toJson(run)}::jsonb, updated_at = ${at}::bigint, admitted_at = ${run.admittedAt}::bigint,
        ended_at = ${run.endedAt}::bigint
      where id = ${run.id} ${unchanged} returning id
    ), ${event} legs as (
      insert into run_legs (run_id, key, repository_id, work_branch, head, pull_number, live)
      select saved.id, leg."key", leg."repositoryId", leg."workBranch", leg."head", leg."pullNumber", ${live}::boolean
      from saved, jsonb_to_recordset(${toJson(legs)}::jsonb)
        as leg("key" text, "repositoryId" bigint, "workBranch" text, "head" text, "pullNumber" int)
      on conflict (run_id, key) do update
        set work_branch = excluded.work_branch, head = excluded.head, pull_number = excluded.pull_number, live = excluded.live
        where (run_legs.work_branch, run_legs.head, run_legs.pull_number, run_legs.live)
          is distinct from (excluded.work_branch, excluded.head, excluded.pull_number, excluded.live)
    ), facts as (
      insert into history (run_id, version, at, what, step, who, text)
      select saved.id, ${run.version}::int, ${at}::bigint, fact->>'what', fact->>'step', fact->>'who', fact->>'text'
      from saved, jsonb_array_elements(${toJson(facts)}::jsonb) with ordinality as given(fact, place) order by place
    ), effects as (
      insert into outbox (id, run_id, kind, data, created_at)
      select effect->>'id', saved.id, effect->>'kind', effect, ${at}::bigint
      from saved, jsonb_array_elements(${toJson(effects)}::jsonb) as given(effect)
      on conflict do nothing
    ), timers as (
      insert into timers (run_id, id, due_at)
      select saved.id, timer.id, timer.at
      from saved, jsonb_to_recordset(${toJson(timers)}::jsonb) as timer(id text, at bigint)
      on conflict (run_id, id) do update set due_at = excluded.due_at, fired_at = null
    )
    select id from saved`
}

/** The legs of which something else is to be found than before. */
function changedLegs(before: Run, run: Run): ReturnType<typeof legColumns>[] {
  const found = run.legs.map((leg) => legColumns(run, leg))
  if (isLive(before) !== isLive(run)) return found
  return found.filter((leg) => {
    const earlier = before.legs.find(({ key }) => key === leg.key)
    return earlier === undefined || !isDeepStrictEqual(legColumns(before, earlier), leg)
  })
}
