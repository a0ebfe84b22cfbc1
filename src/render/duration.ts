const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A length of time as people say it: `40 s`, `3 min`, `1 h 5 min`, `2 d 3 h`. */
export function formatDuration(ms: number): string {
  const time = Math.max(0, Math.round(ms))
  if (time < MINUTE_MS) return `${Math.round(time / SECOND_MS)} s`.replace(/^60 s$/, '1 min')
  if (time < HOUR_MS) return `${Math.floor(time / MINUTE_MS)} min`
  if (time < DAY_MS) return twoUnits(time, HOUR_MS, 'h', MINUTE_MS, 'min')
  return twoUnits(time, DAY_MS, 'd', HOUR_MS, 'h')
}

function twoUnits(time: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((time % large) / small)
  const whole = `${Math.floor(time / large)} ${largeUnit}`
  return rest === 0 ? whole : `${whole} ${rest} ${smallUnit}`
}

/** A moment, to the minute: `14:05 UTC` on the day of `now`, else `2026-03-04 14:05 UTC`. */
export function formatMoment(at: number, now: number): string {
  const [date, time] = isoMinute(at)
  return date === isoMinute(now)[0] ? `${time} UTC` : `${date} ${time} UTC`
}

function isoMinute(at: number): [string, string] {
  const iso = new Date(at).toISOString()
  return [iso.slice(0, 10), iso.slice(11, 16)]
}
