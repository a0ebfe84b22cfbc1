/** When a job counts as stuck: the watchdog limits of a role, from what the file says and the contract's defaults. */
import { JobLimits } from '../contract/job.ts'
import type { Fault } from './explain-issue.ts'
import type { RoleLimitsFile } from './file-roles.ts'

const MINUTE_MS = 60_000
const SECOND_MS = 1_000
/** A limit that nobody set stays below the one around it by this share. */
const INNER_SHARE = 0.9

const UNIT_MS = {
  durationMinutes: MINUTE_MS,
  inactivityMinutes: MINUTE_MS,
  toolSilenceMinutes: MINUTE_MS,
  coldStartSeconds: SECOND_MS,
  checkpointSeconds: SECOND_MS,
} as const satisfies Record<keyof RoleLimitsFile, number>

/** Pairs of limits of which the first must be shorter, since it could be mistaken for the second. */
const INNER_AND_OUTER = [
  ['inactivityMinutes', 'durationMinutes'],
  ['toolSilenceMinutes', 'durationMinutes'],
  ['coldStartSeconds', 'durationMinutes'],
  ['coldStartSeconds', 'inactivityMinutes'],
  ['coldStartSeconds', 'toolSilenceMinutes'],
  ['inactivityMinutes', 'toolSilenceMinutes'],
] as const

/** Limits that a file sets and that contradict each other. */
export function limitFaults(limits: RoleLimitsFile): Fault[] {
  return INNER_AND_OUTER.flatMap(([inner, outer]) => {
    const [innerMs, outerMs] = [ms(limits, inner), ms(limits, outer)]
    if (innerMs === undefined || outerMs === undefined || innerMs < outerMs) return []
    return [{ path: [inner], message: `must be shorter than \`${outer}\`, which is ${limits[outer]}.` }]
  })
}

/**
 * The limits in ms. What the file leaves out is the contract's default, or what keeps it shorter than the limits around
 * it and longer than those inside it.
 */
export function jobLimits(file: RoleLimitsFile): JobLimits {
  const defaults = JobLimits.parse({})
  const inactivity = ms(file, 'inactivityMinutes')
  const toolSilence = ms(file, 'toolSilenceMinutes')
  const coldStart = ms(file, 'coldStartSeconds')
  const longestInner = Math.max(inactivity ?? 0, toolSilence ?? 0, coldStart ?? 0)
  const durationMs = ms(file, 'durationMinutes') ?? Math.max(defaults.durationMs, longestInner * 2)
  const within = (value: number, outer: number) => Math.round(Math.min(value, outer * INNER_SHARE))
  /** At least twice what is inside it, and in the gap between that and what is around it. */
  const between = (inner: number, value: number, outer: number) =>
    Math.round(Math.min(Math.max(value, inner * 2), Math.max(outer * INNER_SHARE, (inner + outer) / 2)))
  const toolSilenceMs = toolSilence ?? between(Math.max(inactivity ?? 0, coldStart ?? 0), defaults.toolSilenceMs, durationMs)
  const inactivityMs = inactivity ?? between(coldStart ?? 0, defaults.inactivityMs, toolSilenceMs)
  return JobLimits.parse({
    durationMs,
    inactivityMs,
    toolSilenceMs,
    coldStartMs: coldStart ?? within(defaults.coldStartMs, inactivityMs),
    checkpointMs: ms(file, 'checkpointSeconds') ?? within(defaults.checkpointMs, durationMs),
    killGraceMs: defaults.killGraceMs,
  })
}

function ms(limits: RoleLimitsFile, limit: keyof RoleLimitsFile): number | undefined {
  const value = limits[limit]
  return value === undefined ? undefined : Math.round(value * UNIT_MS[limit])
}
