import { expect, test } from 'vitest'
import { cronFault, dayIn, lastFire, nextFire, timeZoneFault } from './cron.ts'

const at = (iso: string) => Date.parse(iso)

/** The next fires after a moment, as UTC. */
function fires(cron: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = []
  let from = at(after)
  for (let n = 0; n < count; n += 1) {
    from = nextFire(cron, timeZone, from) ?? Number.NaN
    found.push(new Date(from).toISOString().slice(0, 16))
  }
  return found
}

test('[SCH-1] a time of day is meant by the clocks of its time zone, in summer and in winter', () => {
  expect(fires('0 6 * * 1', 'Europe/Berlin', '2027-03-20T00:00:00Z', 3)).toEqual([
    '2027-03-22T05:00',
    '2027-03-29T04:00',
    '2027-04-05T04:00',
  ])
  expect(fires('0 6 * * 1', 'UTC', '2027-03-20T00:00:00Z', 2)).toEqual(['2027-03-22T06:00', '2027-03-29T06:00'])
})

test('[SCH-1] in spring a time that the clocks leave out comes when they have moved on, on that day too', () => {
  expect(fires('30 2 * * *', 'Europe/Berlin', '2027-03-26T12:00:00Z', 3)).toEqual([
    '2027-03-27T01:30',
    '2027-03-28T01:00',
    '2027-03-29T00:30',
  ])
  // Midnight itself is left out in Cairo.
  expect(fires('0 0 * * *', 'Africa/Cairo', '2027-04-28T23:00:00Z', 3)).toEqual([
    '2027-04-29T22:00',
    '2027-04-30T21:00',
    '2027-05-01T21:00',
  ])
})

test('[SCH-1] in autumn a time that the clocks show twice comes once; what is hourly comes every hour', () => {
  expect(fires('30 2 * * *', 'Europe/Berlin', '2027-10-29T12:00:00Z', 3)).toEqual([
    '2027-10-30T00:30',
    '2027-10-31T00:30',
    '2027-11-01T01:30',
  ])
  expect(fires('0 * * * *', 'Europe/Berlin', '2027-10-30T23:30:00Z', 3)).toEqual([
    '2027-10-31T00:00',
    '2027-10-31T01:00',
    '2027-10-31T02:00',
  ])
})

test('the last time at or before a moment, where there was one', () => {
  const monday = at('2026-11-23T06:00:00Z')
  expect(lastFire('0 6 * * 1', 'UTC', monday - 1, monday)).toBe(monday)
  expect(lastFire('0 6 * * 1', 'UTC', monday, monday)).toBeNull()
  expect(lastFire('0 6 * * 1', 'UTC', monday, at('2026-12-10T00:00:00Z'))).toBe(at('2026-12-07T06:00:00Z'))
  expect(lastFire('0 6 * * 1', 'UTC', monday, at('2026-11-24T00:00:00Z'))).toBeNull()
})

test.each([
  ['0 6 * * 1', null],
  ['*/5 * * * *', null],
  ['0 6 29 2 *', null],
  ['0 6 * * MON-FRI', null],
  ['* * * * *', 'more often than every 5 minutes'],
  ['0,2 6 * * *', 'more often than every 5 minutes'],
  ['0 6 * *', 'must be five fields'],
  ['0 0 6 * * 1', 'must be five fields'],
  ['@daily', 'must be five fields'],
  ['61 * * * *', 'is no cron expression: invalid value for minute: 61.'],
  ['H 6 * * *', 'is no cron expression'],
  ['0 6 30 2 *', 'never comes'],
])('an expression: %s', (cron, fault) => {
  const found = cronFault(cron, at('2026-01-01T00:00:00Z'))
  if (fault === null) expect(found).toBeNull()
  else expect(found).toContain(fault)
})

test('a time zone is known by its name, and a slip in it is told with the nearest', () => {
  for (const known of ['UTC', 'Europe/Berlin', 'America/Sao_Paulo']) expect(timeZoneFault(known)).toBeNull()
  expect(timeZoneFault('Europe/Berln')).toContain('there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`, ')
  expect(timeZoneFault('@@@@@@@@@@@@@@@@@@@@@@@@@@@')).toContain('name it like `Europe/Berlin`')
})

test('the day of a moment is the one of the time zone', () => {
  expect(dayIn('UTC', at('2026-11-22T23:30:00Z'))).toBe('2026-11-22')
  expect(dayIn('Europe/Berlin', at('2026-11-22T23:30:00Z'))).toBe('2026-11-23')
})
