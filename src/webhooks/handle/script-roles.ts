/** The roles that the scripts of a run need, as far as they can be known before it begins (RUN-2). */
import { ROLE_NAMES } from '../../config/file-roles.ts'
import { inWords, nearest, quoted } from '../../config/nearest.ts'
import { roleOfCall } from '../../pipeline/workflow.ts'
import type { ParsedWorkflow } from '../../workflow/parse.ts'
import { fileOf } from '../../workflow/script-error.ts'
import type { Refusal } from './plan-start.ts'

/** Roles by name, or why a script cannot be run as it is. */
export type ScriptRoles = { ok: true; roles: string[] } | { ok: false; refusal: Refusal }

const KNOWN: ReadonlySet<string> = new Set(ROLE_NAMES)

/** Of a script and of those that it starts by name, which go one level deep. */
export function rolesOfScript(script: ParsedWorkflow, others: ReadonlyMap<string, ParsedWorkflow>): ScriptRoles {
  const scripts = new Set([script, ...script.named.workflows.flatMap((name) => others.get(name) ?? [])])
  const unknown = [...scripts].flatMap(({ name, named }) =>
    named.roles.filter((role) => !KNOWN.has(role.name)).map((role) => ({ ...role, file: fileOf(name) })),
  )
  if (unknown.length > 0) {
    const lines = unknown.slice(0, 20).map(({ file, name, place }) => {
      const near = nearest(name, ROLE_NAMES)
      const slip = near.length > 0 ? ` Did you mean ${inWords(near.map(quoted), 'or')}?` : ''
      return `- ${file}:${place.line}:${place.column}: there is no role ${quoted(name)}.${slip}`
    })
    return {
      ok: false,
      refusal: {
        why: `the workflow ${quoted(script.name)} calls for a role that there is not`,
        remedy: `\n\n${lines.join('\n')}\n\nThere are ${inWords(ROLE_NAMES.map(quoted), 'and')}. Mend it on the default branch, then say it again.`,
      },
    }
  }
  const roles = [...scripts].flatMap(({ named }) => [
    ...named.roles.map(({ name }) => name),
    ...named.modes.map((mode) => roleOfCall({ mode })),
  ])
  return { ok: true, roles: [...new Set(roles)].sort() }
}
