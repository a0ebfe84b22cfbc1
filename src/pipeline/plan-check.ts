import type { Plan } from '../contract/report.ts'
import { protectedAmong } from './change-class.ts'
import type { Leg } from './model.ts'

/**
 * What a plan may not do (STP-2, CS-5), a sentence each; empty when it is fine. Names are compared as GitHub does, without case.
 *
 * @param forbidden globs of paths that it may not touch: the protected ones, where nobody is to approve the plan
 */
export function checkPlan(plan: Plan, legs: readonly Leg[], forbidden: readonly string[] = []): string[] {
  const faults: string[] = []
  const known = new Map(legs.map((leg) => [leg.repository.toLowerCase(), leg]))
  const names = legs.map((leg) => leg.repository).join(', ')
  for (const { repository, role } of plan.repositories) {
    const leg = known.get(repository.toLowerCase())
    if (leg === undefined) faults.push(`${repository} is not among this task's repositories (${names}).`)
    else if (role !== 'reference' && leg.access === 'read')
      faults.push(`${repository} may only be read here, so it cannot be a ${role}.`)
  }
  if (plan.repositories.every(({ role }) => role === 'reference')) faults.push('No repository is to be changed.')
  faults.push(...repeated(plan.repositories.map(({ repository }) => repository)).map((name) => `${name} is named twice.`))

  const planned = new Set(plan.repositories.map(({ repository }) => repository.toLowerCase()))
  for (const name of plan.mergeOrder) {
    if (!planned.has(name.toLowerCase())) faults.push(`The merge order names ${name}, which the plan does not touch.`)
  }
  faults.push(...repeated(plan.mergeOrder).map((name) => `The merge order is a cycle: ${name} stands in it twice.`))
  for (const { repository, path } of plan.files) {
    if (!planned.has(repository.toLowerCase()))
      faults.push(`The file ${path} is in ${repository}, which the plan does not touch.`)
  }
  const paths = protectedAmong(
    plan.files.map(({ path }) => path),
    forbidden,
  )
  for (const path of new Set(paths)) faults.push(`${path} is protected, and no person approves this plan; do it without.`)
  return faults
}

function repeated(names: readonly string[]): string[] {
  const lower = names.map((name) => name.toLowerCase())
  return names.filter((_name, index) => lower.indexOf(lower[index] ?? '') < index)
}
