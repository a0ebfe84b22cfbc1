import { SwitchyardError } from '../../contract/failure.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { roleOfCall } from '../../pipeline/workflow.ts'
import type { AgentOptions, WorkflowCall } from '../../workflow/call.ts'

/**
 * A role or a repository that there is not is a slip in the script: it fails, and says where there are some.
 * @throws SwitchyardError with the cause `config`
 */
export function checkAsked(call: WorkflowCall, { legs }: Pick<Run, 'legs'>, knownRoles: ReadonlySet<string>): void {
  if (call.kind !== 'agent') return
  const { options } = call
  const refuse = (message: string): never => {
    throw new SwitchyardError({ cause: 'config', message: `The call "${call.label}" cannot be done: ${message}` })
  }
  const role = roleOfCall(options)
  if (!knownRoles.has(role)) refuse(`there is no role "${role}"; there are ${[...knownRoles].join(', ')}.`)
  const missing = (options.repositories ?? []).find((name) => !legs.some((leg) => same(leg.repository, name)))
  if (missing === undefined) return
  refuse(`${missing} is no repository of this run; there are ${legs.map(({ repository }) => repository).join(', ')}.`)
}

/** Why a call cannot be done as it is asked for, as things stand (WF-4); null where it can. */
export function impossible(call: WorkflowCall, { legs }: Pick<Run, 'legs'>): string | null {
  if (call.kind !== 'agent') return null
  const { options } = call
  if (options.mode !== 'code') {
    return options.isolation === undefined ? null : 'only a call in the mode `code` can have a worktree of its own'
  }
  const seen = seenBy(options, legs)
  if (seen.some(({ access, planned, dropped }) => access === 'write' && planned && !dropped)) return null
  return `it is to change code, and none of its repositories may be written to: ${seen.map(({ repository }) => repository).join(', ')}`
}

/** The legs that a call's agent sees. */
export function seenBy<L extends Pick<Leg, 'repository'>>(
  { repositories }: Pick<AgentOptions, 'repositories'>,
  legs: readonly L[],
): L[] {
  return legs.filter(({ repository }) => repositories === undefined || repositories.some((name) => same(name, repository)))
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
