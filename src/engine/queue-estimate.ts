/** About how long a queued run waits for its place: from what the jobs of each role took lately (CMD-6). */
import type { Run, Step } from '../pipeline/model.ts'
import { rolesUsed } from '../pipeline/roles-used.ts'
import { activeStep } from '../pipeline/state.ts'
import { admittedRuns, queuedRuns } from '../store/admission.ts'
import type { Db } from '../store/db.ts'
import { medianJobMs } from '../store/job-durations.ts'
import { getRun } from '../store/runs.ts'

/** Runs in line that are looked at; who is further behind is told the place alone. */
const AHEAD_MAX = 30
/** What has agents only where something is wrong, and so usually none. */
const GATES: ReadonlySet<string> = new Set(['ci', 'conflicts', 'review', 'release', 'merge'])

/** Where a run stands in the line: from 1, and about how long until it begins, in ms; null where nobody can tell. */
export interface QueuePlace {
  place: number
  estimateMs: number | null
}

/**
 * The place of a run, null when it does not wait. The estimate goes by the runs of its own repository, or by all where that
 * has none at work: each of them gives its place up when its agents are through.
 */
export async function queuePlace(db: Db, run: Run): Promise<QueuePlace | null> {
  const line = await queuedRuns(db)
  const index = line.findIndex(({ id }) => id === run.id)
  if (index === -1) return null
  const place = index + 1
  const own = await admittedRuns(db, run.task.repositoryId)
  const active = own.length > 0 ? own : await admittedRuns(db)
  const before = line.slice(0, index).filter(({ repositoryId }) => own.length === 0 || repositoryId === run.task.repositoryId)
  if (active.length === 0 || before.length > AHEAD_MAX) return { place, estimateMs: null }
  const medians = await medianJobMs(db)
  const ahead = await Promise.all(before.map(({ id }) => getRun(db, id)))
  const work = (each: Run | null) => (each === null ? 0 : workLeft(each, medians))
  return { place, estimateMs: waitFor(active.map(work), ahead.map(work)) }
}

/**
 * When the next place is free, in ms from now: the soonest of those at work ends, whoever is ahead takes its place, and so
 * on. Null where no end can be foreseen.
 *
 * @param active what each run at work still needs; null: it waits for a person, or nothing is known to go by
 * @param ahead what each run that is ahead in line will need, first one first
 */
export function waitFor(active: readonly (number | null)[], ahead: readonly (number | null)[]): number | null {
  const ends = active.filter((end) => end !== null)
  for (const work of ahead) {
    const soonest = takeSoonest(ends)
    if (soonest === null) return null
    if (work !== null) ends.push(soonest + work)
  }
  return takeSoonest(ends)
}

function takeSoonest(ends: number[]): number | null {
  if (ends.length === 0) return null
  const soonest = Math.min(...ends)
  ends.splice(ends.indexOf(soonest), 1)
  return soonest
}

/** What the agents of a run still need, in ms, by the medians of their roles; null where that cannot be known. */
export function workLeft(run: Run, medians: ReadonlyMap<string, number>): number | null {
  const wait = activeStep(run)?.status.wait
  if (run.status.state === 'paused' || wait?.for === 'person' || wait?.for === 'outside') return null
  const left = run.steps.filter(({ status }) => status.state === 'active' || status.state === 'pending')
  const times = left.flatMap((step) => rolesOf(step).map((role) => medians.get(role)))
  const known = times.filter((time) => time !== undefined)
  // Half of them unknown is as good as none.
  return known.length === 0 || known.length * 2 < times.length ? null : known.reduce((sum, time) => sum + time, 0)
}

function rolesOf(step: Step): string[] {
  if (GATES.has(step.kind)) return []
  const [role] = rolesUsed({ steps: [step] })
  return role === undefined ? [] : [role]
}
