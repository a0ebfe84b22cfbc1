/** Cron expressions in a time zone (SCH-1). The calendar, with its daylight-saving shifts, is croner's. */
import { Cron } from 'croner'
import { quoted, suggestion } from './nearest.ts'

/** Shortest time between two fires, in ms: each of them opens an issue. */
export const FIRES_APART_MS = 300_000
/** How many fires in a row are looked at for {@link FIRES_APART_MS}. */
const FIRES_LOOKED_AT = 100
/** Five fields, separated by blanks: minute, hour, day of the month, month, day of the week. */
const FIVE_FIELDS = /^\S+(?: +\S+){4}$/

/**
 * When an expression fires next after a moment, in ms since the epoch; null: never again. A time of day that the clocks
 * leave out in spring fires when they have moved on; one that they show twice in autumn fires once, the first time.
 *
 * @throws where {@link cronFault} or {@link timeZoneFault} finds something
 */
export function nextFire(cron: string, timeZone: string, after: number): number | null {
  return expression(cron, timeZone).nextRun(new Date(after))?.getTime() ?? null
}

/** The last time that an expression fired at or before a moment, but after another one; null: not at all in between. */
export function lastFire(cron: string, timeZone: string, after: number, until: number): number | null {
  // It looks for what lies before, and a fire at this very moment counts.
  const [last] = expression(cron, timeZone).previousRuns(1, new Date(until + 1_000))
  return last !== undefined && last.getTime() <= until && last.getTime() > after ? last.getTime() : null
}

/** What is wrong with an expression, and what would be right; null: nothing. */
export function cronFault(cron: string, now: number): string | null {
  if (!FIVE_FIELDS.test(cron)) {
    return `must be five fields: minute, hour, day of the month, month, day of the week; ${quoted('0 6 * * 1')} is Mondays at six.`
  }
  let fires: Date[]
  try {
    fires = expression(cron, 'UTC').nextRuns(FIRES_LOOKED_AT, new Date(now))
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, '')
    return `${quoted(cron)} is no cron expression: ${why.charAt(0).toLowerCase()}${why.slice(1).replace(/\.$/, '')}.`
  }
  if (fires.length === 0) return `${quoted(cron)} never comes: there is no such day.`
  const close = fires.some((fire, index) => index > 0 && fire.getTime() - (fires[index - 1]?.getTime() ?? 0) < FIRES_APART_MS)
  return close
    ? `${quoted(cron)} comes more often than every ${FIRES_APART_MS / 60_000} minutes; each time opens an issue.`
    : null
}

/** What is wrong with the name of a time zone; null: nothing. */
export function timeZoneFault(timeZone: string): string | null {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return null
  } catch {
    const near = suggestion(timeZone, Intl.supportedValuesOf('timeZone'))
    const example = near.startsWith('did you mean') ? near : 'name it like `Europe/Berlin`, or leave it out for UTC.'
    return `there is no time zone ${quoted(timeZone)}; ${example}`
  }
}

/** The day of a moment in a time zone, as `2026-11-23`. */
export function dayIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date(at))
}

function expression(cron: string, timeZone: string): Cron {
  return new Cron(cron, { timezone: timeZone, mode: '5-part' })
}
