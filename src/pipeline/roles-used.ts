import { z } from 'zod'
import { stepKind } from './definitions.ts'
import type { Step } from './model.ts'

/** Where a step's options name roles: its own, its fixer's, those of the steps within it, those of a script's calls. */
const Named = z.looseObject({
  role: z.string().optional(),
  fixer: z.string().optional(),
  steps: z.array(z.looseObject({ role: z.string().optional() })).optional(),
  roles: z.array(z.string()).optional(),
})

/** The roles that work in a run's enabled steps, where an option is left out the kind's own. */
export function rolesUsed({ steps }: { steps: readonly Pick<Step, 'kind' | 'config'>[] }): ReadonlySet<string> {
  const enabled = steps.filter(({ config }) => config.enabled)
  return new Set(
    enabled.flatMap(({ kind, config }) => {
      const named = Named.safeParse(stepKind(kind).config.parse(config))
      if (!named.success) return []
      const { role, fixer, steps: inner = [], roles = [] } = named.data
      return [role, fixer, ...roles, ...inner.map((each) => each.role)].filter((name) => name !== undefined)
    }),
  )
}
