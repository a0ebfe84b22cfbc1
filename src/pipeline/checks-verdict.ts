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

/** How many lines of a failing job's log a fixer is given (GATE-5). */
export const LOG_LINES = 200
/** Longest evidence, in characters. */
const EVIDENCE_MAX = 100_000

/**
 * What a fixer is told: names, titles, annotations and the last lines of the logs of what failed (GATE-5). Where many
 * checks failed each has an equal share of the room, so that none is cut off whole.
 */
export function evidenceText(legs: readonly LegChecks[]): string {
  const red = legs.flatMap(({ leg, head, checks }) => checks.filter(failed).map((check) => ({ leg, head, check })))
  const share = Math.floor(EVIDENCE_MAX / Math.max(1, red.length)) - 2
  return red
    .map(({ leg, head, check }) => {
      const lines = [`## ${leg} at ${head}: ${check.name} (${check.conclusion})`]
      if (check.title !== null) lines.push(check.title)
      if (check.summary !== null) lines.push(check.summary)
      lines.push(...check.annotations.map(({ path, line, message }) => `${path}:${line}: ${message}`))
      const said = lines.join('\n').slice(0, share)
      // The end of a log says more than its beginning.
      const log = check.log === null ? '' : check.log.trimEnd().split('\n').slice(-LOG_LINES).join('\n')
      const room = share - said.length - LOG_HEADING.length
      return log === '' || room <= 0 ? said : `${said}${LOG_HEADING}${log.slice(-room)}`
    })
    .join('\n\n')
    .slice(0, EVIDENCE_MAX)
}

const LOG_HEADING = '\nEnd of the log:\n'
