/** Names as a file writes them. */
import { z } from 'zod'

/** Permission levels that can change a repository, as GitHub names them. */
export const WRITER = ['write', 'maintain', 'admin'] as const

/** The names of pipelines, steps, kinds and roles; a step's name stands in job ids. */
export const Name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'must begin with a lower-case letter and go on with those, digits or hyphens, at most 40 characters in all',
  )

/** Longest name of a person or a team, in characters. */
const NAME_MAX = 100

/** Somebody by login, or everybody of a team: `mona`, `@acme/platform`. */
export const PersonOrTeam = z
  .string()
  .max(NAME_MAX)
  .regex(
    /^(?:[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:_[A-Za-z0-9]+)?|@[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9][A-Za-z0-9._-]*)$/,
    'must be the login of a person, without an @, or a team as `@organisation/team`',
  )

/** Whether an entry of {@link PersonOrTeam} is a team. */
export function isTeam(entry: string): boolean {
  return entry.startsWith('@')
}

/** Narrower than the contract's: no name of dots only, which would be a path. */
export const Repository = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]*\/(?!\.{1,2}$)[A-Za-z0-9_.-]+$/, 'must be `owner/name`')
