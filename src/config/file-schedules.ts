/** The part of `.github/switchyard.yml` that starts pipelines by the clock (SCH-1). */
import { z } from 'zod'
import { Name } from './names.ts'

/** Most schedules of a repository. */
const SCHEDULES_MAX = 20
/** Longest title of an issue that a schedule opens, in characters. */
const TITLE_MAX = 200
/** Longest text of it, in characters. */
const TASK_MAX = 20_000
/** Longest expression, in characters. */
const CRON_MAX = 100
/** Longest name of a time zone, in characters. */
const TIME_ZONE_MAX = 50
/** The time zone of a schedule that names none. */
export const DEFAULT_TIME_ZONE = 'UTC'

export const ScheduleFile = z
  .strictObject({
    name: Name.describe('What it is called where its history is shown; unique.'),
    cron: z
      .string()
      .max(CRON_MAX)
      .describe(
        'When it comes: minute, hour, day of the month, month and day of the week, as in `0 6 * * 1` (Mondays at six); at most every 5 minutes.',
      ),
    timeZone: z
      .string()
      .min(1)
      .max(TIME_ZONE_MAX)
      .optional()
      .describe(`Whose clock is meant, like \`Europe/Berlin\`. Left out: ${DEFAULT_TIME_ZONE}.`),
    pipeline: Name.optional().describe('The pipeline that is run. Left out: `default`.'),
    title: z
      .string()
      .trim()
      .min(1)
      .max(TITLE_MAX)
      .describe('The title of the issue that is opened; `{date}` stands for the day.'),
    task: z.string().max(TASK_MAX).optional().describe('The text of the issue: what is to be done.'),
    enabled: z.boolean().optional().describe('Whether it comes at all. Left out: true.'),
  })
  .describe('A pipeline that is started by the clock.')
export type ScheduleFile = z.infer<typeof ScheduleFile>

export const SchedulesFile = z
  .array(ScheduleFile)
  .max(SCHEDULES_MAX)
  .describe(
    "Pipelines that are started by the clock, each with an issue of its own. One that comes while its last run still goes on is left out. Only a repository's own file counts here, not its organisation's.",
  )
