import { bigint, customType } from 'drizzle-orm/pg-core'
import { toJson, toText } from '../to-postgres.ts'

/** A moment, in ms since the epoch: what the core calls an `Instant`, exact and without a time zone. */
export function instant(name: string) {
  return bigint(name, { mode: 'number' })
}

/** A number that GitHub gives: ids of installations, repositories and people outgrow 32 bits. */
export function githubId(name: string) {
  return bigint(name, { mode: 'number' })
}

/** JSON of ours or of GitHub's, read as `unknown`: whoever reads it parses it. Absent is null. */
export const document = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: toJson,
})

/** Text that people or agents wrote: it can hold anything. */
export const prose = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: toText,
})
