/** What the checks of a head say (GATE-2, GATE-3). Pure: what GitHub answered goes in, a verdict comes out. */
import type { HeadSha, LegKey } from '../contract/ids.ts'
import type { CheckSeen, LegChecks } from './events.ts'
import { contentHash } from './hash.ts'

/** `quiet`: no check at all, and none is required or expected. It becomes green only after a grace. */
export type LegVerdict = 'green' | 'pending' | 'red' | 'quiet'

const PASSES: readonly CheckSeen['conclusion'][] = ['success', 'neutral', 'skipped']

/** A check that finished and did not pass. */
export function failed(check: CheckSeen): boolean {
  return check.conclusion !== 'pending' && !PASSES.includes(check.conclusion)
}

/** The verdict over one leg's head. Anything unfinished or required and missing is pending, never green. */
export function verdictOf(seen: LegChecks): LegVerdict {
  const { checks, required, expectsChecks } = seen
  const missing = required.some((name) => !checks.some((check) => check.name === name))
  if (checks.some((check) => check.conclusion === 'pending')) return 'pending'
  if (checks.some(failed)) return 'red'
  if (missing) return 'pending'
  if (checks.length > 0) return 'green'
  return expectsChecks ? 'pending' : 'quiet'
}

/** The verdict over several: red only when nothing is pending, so that a fixer sees all of it at once. */
export function verdictOfAll(legs: readonly LegChecks[]): LegVerdict {
  const verdicts = legs.map(verdictOf)
  for (const verdict of ['pending', 'red', 'quiet'] as const) if (verdicts.includes(verdict)) return verdict
  return 'green'
}

/**
 * Names exactly this failing evidence on exactly the heads that fail: seen twice, another round would be for nothing
 * (GATE-1). A leg that is green does not count: that its head moved makes the others' evidence no newer.
 */
export function evidenceKey(legs: readonly LegChecks[]): string {
  const red = legs.filter(({ checks }) => checks.some(failed))
  return contentHash(
    red.map(({ leg, head, checks }) => ({
      leg,
      head,
      failing: checks
        .filter(failed)
        .map(({ name, conclusion }) => `${name}=${conclusion}`)
        .toSorted(),
    })),
  )
}

/** Names the heads that were asked about. */
export function headsKey(legs: readonly { leg: LegKey; head: HeadSha }[]): string {
  return legs
    .map(({ leg, head }) => `${leg}@${head}`)
    .toSorted()
    .join(' ')
}

/** What a fixer is told: names, titles, annotations and the ends of the logs of what failed (GATE-5). */
export function evidenceText(legs: readonly LegChecks[]): string {
  const parts = legs.flatMap(({ leg, head, checks }) =>
    checks.filter(failed).map((check) => {
      const lines = [`## ${leg} at ${head}: ${check.name} (${check.conclusion})`]
      if (check.title !== null) lines.push(check.title)
      if (check.summary !== null) lines.push(check.summary)
      lines.push(...check.annotations.map(({ path, line, message }) => `${path}:${line}: ${message}`))
      if (check.log !== null) lines.push('End of the log:', check.log)
      return lines.join('\n')
    }),
  )
  return parts.join('\n\n').slice(0, 100_000)
}
