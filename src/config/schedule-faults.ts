import { BUILT_IN_PIPELINES } from './built-in-pipelines.ts'
import { cronFault, timeZoneFault } from './cron.ts'
import { DEFAULT_PIPELINE } from './defaults.ts'
import type { Fault } from './explain-issue.ts'
import type { ScheduleFile } from './file-schedules.ts'
import { quoted, suggestion } from './nearest.ts'

/** Expressions are tried from here on; how often they come does not depend on the year. */
const TRIED_FROM = Date.UTC(2026, 0, 1)

/**
 * What a schema cannot say of schedules: that the expression is one, that the time zone is known, and that the pipeline is
 * in the same file or built in, and for issues.
 */
export function scheduleFaults(
  schedules: readonly [place: string, schedule: ScheduleFile][],
  ownPipelines: readonly string[],
): Fault[] {
  return schedules.flatMap(([place, { cron, timeZone, pipeline }]) => {
    const found = [
      { key: 'cron', message: cronFault(cron, TRIED_FROM) },
      { key: 'timeZone', message: timeZone === undefined ? null : timeZoneFault(timeZone) },
      { key: 'pipeline', message: pipelineFault(pipeline ?? DEFAULT_PIPELINE, ownPipelines) },
    ]
    return found.flatMap(({ key, message }) => (message === null ? [] : [{ path: ['schedules', Number(place), key], message }]))
  })
}

function pipelineFault(pipeline: string, own: readonly string[]): string | null {
  if (own.includes(pipeline)) return null
  const builtIn = BUILT_IN_PIPELINES.find(({ name }) => name === pipeline)
  const known = [...own, ...BUILT_IN_PIPELINES.filter(({ on }) => on !== 'pull request').map(({ name }) => name)]
  if (builtIn === undefined) return `there is no pipeline ${quoted(pipeline)}; ${suggestion(pipeline, known)}`
  return builtIn.on === 'pull request'
    ? `the pipeline ${quoted(pipeline)} is for pull requests; a schedule opens an issue.`
    : null
}
