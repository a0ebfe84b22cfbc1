/** What a role is: what an agent is there for, as a prompt and the shape of its report. */
import { z } from 'zod'
import { ReportShape } from '../contract/report.ts'

/** The front matter of a role's Markdown file. */
export const RoleFrontMatter = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  mode: z.enum(['explore', 'code']),
  report: ReportShape,
  /** One sentence, for people. */
  purpose: z.string().min(1).max(200),
})

/** A role: its front matter and its prompt. */
export const Role = RoleFrontMatter.extend({ prompt: z.string().min(1).max(50_000) })
export type Role = z.infer<typeof Role>

/** The parts of the instructions that all roles share, as Markdown with `{{places}}` to fill in. */
export interface RoleRules {
  common: string
  code: string
  explore: string
  report: string
}

/** Everything a prompt is built from, read once at start. */
export interface Roles {
  byName: ReadonlyMap<string, Role>
  rules: RoleRules
}
