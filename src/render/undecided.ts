/** What a step that waits for a person has found and not yielded yet: it is what they decide on. */
import { z } from 'zod'
import { CheckedCommand, Regression, TestReport, Verdict } from '../contract/report.ts'
import type { Step } from '../pipeline/model.ts'
import { codeBlock } from './code-text.ts'
import { verdictSection } from './found-sections.ts'
import { regressionText, testSection, validationSection } from './made-sections.ts'
import { item, type Section, stacked, TEXT_MAX_CHARS, titled } from './section.ts'

const asking = z.literal('asking')
const Graded = z.looseObject({ phase: asking, verdict: Verdict })
const Tested = z.looseObject({ phase: asking, report: TestReport })
const Ran = z.looseObject({ phase: asking, checks: z.array(CheckedCommand) })
const Red = z.looseObject({ phase: z.literal('stuck'), failing: z.array(z.string()), evidenceText: z.string() })
const Regressed = z.looseObject({
  phase: z.literal('regressed'),
  regression: Regression.nullable(),
  signals: z.array(z.string()),
})

/** A companion's verdict that a person is to decide on. */
export function undecidedVerdict({ kind, data }: Step): Verdict | null {
  return kind === 'companion' ? (Graded.safeParse(data).data?.verdict ?? null) : null
}

/** A tester's report that a person is to decide on. */
export function undecidedTest({ kind, data }: Step): TestReport | null {
  return kind === 'test' ? (Tested.safeParse(data).data?.report ?? null) : null
}

/** The commands that stay red, with those that do not. */
export function undecidedChecks({ kind, data }: Step): CheckedCommands | null {
  return kind === 'validate' ? (Ran.safeParse(data).data?.checks ?? null) : null
}
type CheckedCommands = z.infer<typeof Ran>['checks']

/** The checks that stay red, with what they said. */
function undecidedCi({ kind, data }: Step): z.infer<typeof Red> | null {
  return kind === 'ci' ? (Red.safeParse(data).data ?? null) : null
}

/** A release's regression, as it was seen and judged. */
export function undecidedRegression({ kind, data }: Step): Pick<z.infer<typeof Regressed>, 'regression' | 'signals'> | null {
  return kind === 'release' ? (Regressed.safeParse(data).data ?? null) : null
}

/** What a person is to decide on, to be unfolded; null where nothing is. */
export function undecidedSection(step: Step): Section | null {
  const verdict = undecidedVerdict(step)
  if (verdict !== null) return verdictSection(verdict)
  const report = undecidedTest(step)
  if (report !== null) return testSection(report)
  const checks = undecidedChecks(step)
  if (checks !== null) return validationSection(checks)
  const red = undecidedCi(step)
  if (red !== null) {
    const { failing, evidenceText } = red
    return {
      summary: `${failing.length} ${failing.length === 1 ? 'check is' : 'checks are'} red`,
      body: stacked([titled('Red', failing, item), codeBlock(evidenceText.slice(-TEXT_MAX_CHARS))]),
    }
  }
  const seen = undecidedRegression(step)
  if (seen === null) return null
  return {
    summary: 'Release: regressed',
    body: stacked([
      titled('Signals', seen.signals, item),
      seen.regression === null ? 'The agent on call could not say why.' : regressionText(seen.regression),
    ]),
  }
}
