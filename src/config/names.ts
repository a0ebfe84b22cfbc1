/** Names as a file writes them. */
import { z } from 'zod'

/** Permission levels that can change a repository, as GitHub names them. */
export const WRITER = ['write', 'maintain', 'admin'] as const

/** The names of pipelines, steps, kinds and roles; a step's name stands in job ids. */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must begin with a lower-case letter and go on with those, digits or hyphens, at most 40')

/** Narrower than the contract's: no name of dots only, which would be a path. */
export const Repository = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]*\/(?!\.{1,2}$)[A-Za-z0-9_.-]+$/, 'must be `owner/name`')
