import type { Configuration } from '../../config/configuration.ts'
import { nextFire } from '../../config/cron.ts'
import { DEFAULT_PIPELINE } from '../../config/defaults.ts'
import { DEFAULT_TIME_ZONE, type ScheduleFile } from '../../config/file-schedules.ts'
import type { Octokit } from '../../github/octokit.ts'
import { putSchedule, removeSchedules, type ScheduleRow, schedulesOf } from '../../store/schedules.ts'
import { currentConfiguration } from '../handle/configuration.ts'
import type { Intake } from '../handle/intake.ts'

/** Where schedules hold. */
export interface ScheduledIn {
  installationId: number
  repository: { id: number; fullName: string }
}

/** Reads a repository's configuration and keeps its schedules; where it is not good, those that were kept stay. */
export async function learnSchedules(intake: Intake, octokit: Octokit, where: ScheduledIn): Promise<void> {
  const current = await currentConfiguration(intake.store, octokit, where.repository)
  if (current.ok) await keepSchedules(intake, where, current.configuration)
}

/**
 * Keeps the schedules of a configuration as rows that the sweep goes by (SCH-1). One whose time stays as it was is not
 * moved; a new or changed one comes at its next time from now.
 */
export async function keepSchedules(
  { store, now }: Pick<Intake, 'store' | 'now'>,
  { installationId, repository }: ScheduledIn,
  { schedules }: Pick<Configuration, 'schedules'>,
): Promise<void> {
  const known = await schedulesOf(store.db, repository.id)
  const wanted = schedules.filter(isOn)
  for (const { name, cron, timeZone = DEFAULT_TIME_ZONE, pipeline = DEFAULT_PIPELINE } of wanted) {
    const before = known.find((row) => row.name === name)
    const same = before?.cron === cron && before.timeZone === timeZone
    const nextAt = same ? before.nextAt : nextFire(cron, timeZone, now())
    const where = { installationId, repositoryId: repository.id, repository: repository.fullName }
    const row: ScheduleRow = { ...where, name, cron, timeZone, pipeline, nextAt }
    if (before === undefined || !isSame(before, row)) await putSchedule(store.db, row)
  }
  const gone = known.filter((row) => !wanted.some(({ name }) => name === row.name))
  await removeSchedules(
    store.db,
    repository.id,
    gone.map(({ name }) => name),
  )
}

/** Whether a schedule comes at all. */
export function isOn({ enabled = true }: ScheduleFile): boolean {
  return enabled
}

function isSame(one: ScheduleRow, other: ScheduleRow): boolean {
  const keys = ['installationId', 'repository', 'cron', 'timeZone', 'pipeline', 'nextAt'] as const
  return keys.every((key) => one[key] === other[key])
}
