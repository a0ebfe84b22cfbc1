/** What was made, tried and watched, as people read it. */
import type { CheckedCommand, Regression, TestReport } from '../contract/report.ts'
import type { Run } from '../pipeline/model.ts'
import type { StepOutputOf } from '../pipeline/outputs.ts'
import { legOf } from '../pipeline/state.ts'
import { codeBlock, inlineCode } from './code-text.ts'
import { evidenceLine } from './found-sections.ts'
import { safeLink } from './links.ts'
import { count } from './money.ts'
import { safeBlock, safeLine } from './safe-text.ts'
import { item, LINE_MAX_CHARS, placeOf, type Section, stacked, TEXT_MAX_CHARS, titled } from './section.ts'

const MAX_COMMANDS = 30
const OUTPUT_MAX_CHARS = 2_000

/** Commands and how they ended. Marks and words, so that it can be read without colour. */
export function checkedList(checks: readonly CheckedCommand[]): string {
  return checks
    .slice(0, MAX_COMMANDS)
    .map(({ command, ok }) => `- ${ok ? '✓ passed' : '✗ failed'}: ${inlineCode(command)}`)
    .join('\n')
}

/** What the coder says it did. */
export function workSection({ summary, notes }: Pick<StepOutputOf<'agent'>, 'summary' | 'notes'>): Section {
  return { summary: 'What was done', body: stacked([safeBlock(summary, TEXT_MAX_CHARS), titled('To know', notes, item)]) }
}

/** What a tester tried, and what it worries about (STP-10). */
export function testSection({ greenlight, outcomes, concerns }: TestReport): Section {
  const bad = outcomes.filter(({ ok }) => !ok).length
  const outcome = ({ name, ok, detail }: TestReport['outcomes'][number]) =>
    `- ${ok ? '✓' : '✗'} ${safeLine(name, LINE_MAX_CHARS)}${ok || detail === undefined ? '' : `: ${safeLine(detail, LINE_MAX_CHARS)}`}`
  const concern = (one: TestReport['concerns'][number]) => {
    const place = placeOf(one)
    return `- ${one.severity}${place === '' ? '' : ` ${place}`}: ${safeLine(one.text, LINE_MAX_CHARS)}`
  }
  return {
    summary: `Tests: ${greenlight ? 'greenlight' : 'no greenlight'}, ${outcomes.length - bad} of ${outcomes.length} good, ${count(concerns.length, 'concern')}`,
    // What went wrong comes first: the list is cut at its end.
    body: stacked([
      titled('Concerns', concerns, concern),
      titled(
        'What was tried',
        outcomes.toSorted((a, b) => Number(a.ok) - Number(b.ok)),
        outcome,
        40,
      ),
    ]),
  }
}

/** The configured commands, with the end of what a red one printed (STP-11). */
export function validationSection(checks: readonly CheckedCommand[]): Section {
  const red = checks.filter(({ ok }) => !ok)
  const outputs = red.flatMap(({ command, output }) =>
    output === undefined || output.trim() === ''
      ? []
      : [`${inlineCode(command)}:\n\n${codeBlock(output.slice(-OUTPUT_MAX_CHARS))}`],
  )
  return {
    summary: `Validation: ${checks.length - red.length} of ${count(checks.length, 'command')} passed`,
    body: stacked([checkedList(checks), ...outputs.slice(0, 3)]),
  }
}

/** How a release has done (GATE-8). No data is said, not taken for health. */
export function releaseSection({ health, signals, regression }: StepOutputOf<'release'>): Section {
  return {
    summary: `Release: ${HEALTH_WORDS[health]}`,
    body: stacked([
      health === 'no-data' ? 'Nothing was seen that says how the release does. That is no sign of health.' : null,
      titled('Signals', signals, item),
      regression === null ? null : regressionText(regression),
    ]),
  }
}

export const HEALTH_WORDS = {
  healthy: 'healthy for the whole window',
  'no-data': 'no data, so its health is not known',
  regressed: 'regressed',
} as const satisfies Record<StepOutputOf<'release'>['health'], string>

const ADVICE = {
  revert: 'take it back',
  hold: 'hold further releases',
  monitor: 'keep watching',
} as const satisfies Record<Regression['recommendation'], string>

/** What the agent on call advises, in one sentence. */
export function advice({ confidence, recommendation }: Regression): string {
  return `The agent on call advises to ${ADVICE[recommendation]}, and holds this change for the culprit with a confidence of ${confidence}.`
}

/** What the agent on call says of a regression. */
export function regressionText(regression: Regression): string {
  return stacked([advice(regression), titled('Evidence', regression.evidence, evidenceLine)])
}

/** Where the change can be tried, one link per repository (STP-15). */
export function deploymentLines(run: Run, { deployments }: StepOutputOf<'deploy'>): string[] {
  return deployments.map(({ leg, environment, url }) => {
    const words = `${legOf(run, leg).repository} on ${safeLine(environment, 100)}`
    return url === null ? words : safeLink(words, url)
  })
}

/** The issue that a step filed (STP-14). */
export function ticketLink({ repository, number, url }: Pick<StepOutputOf<'ticket'>, 'repository' | 'number' | 'url'>): string {
  return safeLink(`${repository}#${number}`, url)
}
