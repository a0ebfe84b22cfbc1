/**
 * Looks which schedules are due (SCH-1). First what came is written down, with the next time, in one transaction; only then
 * is anything done for it. So a fire is one row, whichever process saw it first, and a crash leaves it to be found.
 */
import { lastFire, nextFire } from '../../config/cron.ts'
import { failureOf } from '../../contract/failure.ts'
import type { Leases } from '../../store/leases.ts'
import { addFire, dueSchedules, endFire, type FireRow, getFire, openFires } from '../../store/schedules.ts'
import type { Intake } from '../handle/intake.ts'
import { fireSchedule } from './fire.ts'

/** How many schedules and fires one sweep takes. */
const AT_ONCE = 100
/** A fire that GitHub has not let through for so long, in ms, is given up: the next one comes anyway. */
const GIVEN_UP_AFTER_MS = 6 * 60 * 60_000

/** Gives a sweep that fires what is due; it gives how much it ended. */
export function createScheduleSweep(intake: Intake, { withLease }: Pick<Leases, 'withLease'>): () => Promise<number> {
  return async () => {
    await writeDown(intake)
    let ended = 0
    for (const fire of await openFires(intake.store.db, AT_ONCE)) {
      await withLease(`schedule:${fire.repositoryId}:${fire.name}`, async () => {
        // Another process may have done it while we waited for our turn.
        const current = await getFire(intake.store.db, fire)
        if (current?.state === 'due') ended += await attempt(intake, current)
      })
    }
    return ended
  }
}

/** What came while nobody looked comes once, for the last of its times. */
async function writeDown({ store, now }: Intake): Promise<void> {
  await store.db.transaction(async (tx) => {
    const at = now()
    for (const row of await dueSchedules(tx, at, AT_ONCE)) {
      if (row.nextAt === null) continue
      const dueAt = lastFire(row.cron, row.timeZone, row.nextAt, at) ?? row.nextAt
      await addFire(tx, row, dueAt, nextFire(row.cron, row.timeZone, at))
    }
  })
}

async function attempt(intake: Intake, fire: FireRow): Promise<number> {
  const { store, log, now } = intake
  try {
    await fireSchedule(intake, fire)
    return 1
  } catch (error) {
    const { cause, message } = failureOf(error, 'internal')
    const late = now() - fire.dueAt > GIVEN_UP_AFTER_MS && cause !== 'rate-limit'
    log.warn({ err: error, schedule: fire.name, cause, final: late }, 'Schedule not fired')
    if (late) await endFire(store.db, fire, { state: 'failed', why: message }, now())
    return 0
  }
}
