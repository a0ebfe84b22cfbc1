/** Whose fault a failing check is (GATE-4): what the base branch has too is said, and not charged to the change. */
import { failed } from './checks-verdict.ts'
import type { LegChecks } from './events.ts'
import type { AcceptedCheck } from './outputs.ts'

/** Takes failing checks that a person went on with, at exactly these heads, for neutral; everything else stays. */
export function forgive(legs: readonly LegChecks[], accepted: readonly AcceptedCheck[]): LegChecks[] {
  const isAccepted = (leg: LegChecks, name: string) =>
    accepted.some((each) => each.leg === leg.leg && each.head === leg.head && each.name === name)
  return legs.map((leg) => ({
    ...leg,
    checks: leg.checks.map((check) =>
      failed(check) && isAccepted(leg, check.name) ? { ...check, conclusion: 'neutral' as const } : check,
    ),
  }))
}

/** Failing checks of the change itself, and those that fail on the base branch too. */
export interface Failing {
  /** Legs with only what failed and is the change's own; legs without any are left out. */
  own: LegChecks[]
  base: LegChecks[]
}

/** Sorts the failing checks by whether the base branch has them too. */
export function failing(legs: readonly LegChecks[]): Failing {
  const only = (wanted: (leg: LegChecks, name: string) => boolean) =>
    legs
      .map((leg) => ({ ...leg, checks: leg.checks.filter((check) => failed(check) && wanted(leg, check.name)) }))
      .filter(({ checks }) => checks.length > 0)
  return {
    own: only((leg, name) => !leg.redOnBase.includes(name)),
    base: only((leg, name) => leg.redOnBase.includes(name)),
  }
}

/** The failing checks as people read them: `test in acme/web`. */
export function namesOf(legs: readonly LegChecks[]): string[] {
  return legs.flatMap(({ leg, checks }) => checks.filter(failed).map(({ name }) => `${name} in ${leg.replace('__', '/')}`))
}

/** The failing checks by leg, head and name. */
export function acceptable(legs: readonly LegChecks[]): AcceptedCheck[] {
  return legs.flatMap(({ leg, head, checks }) => checks.filter(failed).map(({ name }) => ({ leg, head, name })))
}

/** How often the jobs of a head ran again. */
export interface Reruns {
  head: string
  count: number
}

/** What can run again: failing check runs (a commit status has no job) of heads that have runs left. */
export function rerunnable(own: readonly LegChecks[], reruns: readonly Reruns[], most: number) {
  return own.flatMap(({ leg, head, checks }) => {
    const names = checks.filter(({ source }) => source === 'check-run').map(({ name }) => name)
    const count = reruns.find((each) => each.head === head)?.count ?? 0
    return names.length === 0 || count >= most ? [] : [{ leg, head, names }]
  })
}
