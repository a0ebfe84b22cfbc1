/** What a tester's report means (STP-10), and what a fixer is told of it. */
import type { Severity, TestReport } from '../contract/report.ts'
import type { Run } from './model.ts'
import type { LegHead } from './outputs.ts'
import { legOf } from './state.ts'

/** Most characters of evidence; the effect's bound. */
const EVIDENCE_MAX_CHARS = 100_000

const WORST_FIRST: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/**
 * The first round passes only with a greenlight and no concern at all; later rounds with no concern of high or critical.
 * `round` counts from 1.
 */
export function passes({ greenlight, concerns }: TestReport, round: number): boolean {
  if (round === 1) return greenlight && concerns.length === 0
  return !concerns.some(({ severity }) => severity === 'critical' || severity === 'high')
}

/** The report for a fixer: the worst first, so that what does not fit is the least. */
export function testEvidence(run: Run, said: { heads: readonly LegHead[]; report: TestReport; summary: string }): string {
  const { report, heads, summary } = said
  const concerns = WORST_FIRST.flatMap((severity) =>
    report.concerns
      .filter((concern) => concern.severity === severity)
      .map(({ text, repository, path, line }) => {
        const place = [repository, path, line].filter((part) => part !== undefined).join(':')
        return `- [${severity}]${place === '' ? '' : ` ${place}:`} ${text}`
      }),
  )
  const red = report.outcomes.filter(({ ok }) => !ok)
  const outcomes = red.map(({ name, detail }) => `- ${name}${detail === undefined ? '' : `: ${detail}`}`)
  const parts = [
    `Tested: ${heads.map(({ leg, head }) => `${legOf(run, leg).repository} at ${head}`).join(', ')}.`,
    `The tester ${report.greenlight ? 'would let it pass' : 'does not let it pass'}: ${summary}`,
    ...(concerns.length === 0 ? [] : ['Its concerns:', ...concerns]),
    ...(outcomes.length === 0 ? [] : ['What failed:', ...outcomes]),
  ]
  return parts.join('\n').slice(0, EVIDENCE_MAX_CHARS)
}
