import type { RunId } from '../../contract/ids.ts'
import { readWithLedger } from '../../gateway/with-ledger.ts'
import type { Instant, Run } from '../../pipeline/model.ts'
import { activeStep, type ShownState } from '../../pipeline/state.ts'
import { queuedRuns } from '../../store/admission.ts'
import type { Db } from '../../store/db.ts'
import { getRun, listRuns, type RunRow } from '../../store/runs.ts'

/** Most runs shown per state; what is beyond is counted, not shown. */
const MAX_PER_STATE = 60
/** Most runs shown that are over. */
const MAX_ENDED = 12

/** What a live run waits for, and so where it stands on the board. */
export const WAITS = ['you', 'machine', 'checks', 'queue'] as const
export type WaitsFor = (typeof WAITS)[number]

export interface BoardRun {
  run: Run
  /** Place among those that wait for one, from 1. */
  place: number | null
}

export interface Board {
  columns: Record<WaitsFor, BoardRun[]>
  /** Newest end first. */
  ended: BoardRun[]
  /** True where some state has more runs than are shown. */
  more: boolean
}

/** What a run waits for; null when it is over. */
export function waitsFor(run: Run): WaitsFor | null {
  if (run.status.state === 'queued') return 'queue'
  if (run.status.state === 'paused') return 'you'
  if (run.status.state !== 'active') return null
  const wait = activeStep(run)?.status.wait
  switch (wait?.for) {
    case 'person':
      return 'you'
    case 'outside':
      return wait.what === 'review' ? 'you' : 'checks'
    case 'checks':
    case 'mergeability':
      return 'checks'
    case 'retry':
    case 'jobs':
    case 'calls':
    case 'job':
    case 'effect':
    case undefined:
      return 'machine'
  }
}

/** The live runs by what they wait for, longest wait first, and those that ended last. */
export async function loadBoard(db: Db): Promise<Board> {
  const list = (state: ShownState, limit: number) => listRuns(db, { state, limit: limit + 1 })
  const [queued, running, waiting, paused, done, failed, stopped, line] = await Promise.all([
    list('queued', MAX_PER_STATE),
    list('running', MAX_PER_STATE),
    list('waiting', MAX_PER_STATE),
    list('paused', MAX_PER_STATE),
    list('done', MAX_ENDED),
    list('failed', MAX_ENDED),
    list('stopped', MAX_ENDED),
    queuedRuns(db),
  ])
  const places = new Map(line.map(({ id }, index) => [id, index + 1]))
  const live = await runsOf(
    db,
    [queued, running, waiting, paused].flatMap((rows) => rows.slice(0, MAX_PER_STATE)),
    places,
  )
  const over = [...done, ...failed, ...stopped].toSorted((a, b) => endOf(b) - endOf(a)).slice(0, MAX_ENDED)
  const columns: Board['columns'] = { you: [], machine: [], checks: [], queue: [] }
  for (const entry of live.toSorted((a, b) => order(a) - order(b))) {
    const column = waitsFor(entry.run)
    if (column !== null) columns[column].push(entry)
  }
  return {
    columns,
    ended: await runsOf(db, over, places),
    more: [queued, running, waiting, paused].some((rows) => rows.length > MAX_PER_STATE),
  }
}

async function runsOf(db: Db, rows: readonly RunRow[], places: ReadonlyMap<RunId, number>): Promise<BoardRun[]> {
  const stored = await Promise.all(rows.map(({ id }) => getRun(db, id)))
  const shown = await Promise.all(stored.flatMap((run) => (run === null ? [] : [readWithLedger(db, run)])))
  return shown.map(({ run }) => ({ run, place: places.get(run.id) ?? null }))
}

function endOf(row: RunRow): Instant {
  return row.endedAt ?? row.updatedAt
}

/** By place in the queue, else by when what it waits for began. */
function order({ run, place }: BoardRun): number {
  return place ?? activeStep(run)?.startedAt ?? run.createdAt
}
