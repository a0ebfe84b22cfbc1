/** What steps yielded, as plain text for those who work after them. Others wrote it: it goes between delimiters. */
import type { Evidence, Verdict } from '../contract/report.ts'
import type { StepOutputOf } from '../pipeline/outputs.ts'

export function verdictText({ rating, summary, comments }: Verdict): string {
  return JSON.stringify({ rating, summary, comments }, null, 2)
}

export function agentText({ noop, summary, checks, notes, verdict }: StepOutputOf<'agent'>): string {
  const ran = checks.map((check) => `${check.ok ? 'passed' : 'failed'}: ${check.command}`)
  return [noop ?? summary, ...ran, ...notes, ...(verdict === null ? [] : [verdictText(verdict)])].join('\n')
}

export function estimateText({ estimate }: StepOutputOf<'estimate'>): string {
  return (['complexity', 'risk', 'impact'] as const)
    .map((axis) => `${axis} ${estimate[axis].value}: ${estimate[axis].why}`)
    .join('\n')
}

export function questionsText({ settled }: StepOutputOf<'questions'>): string {
  return settled
    .map(({ id, finding, how, answer, by }) => {
      const said = answer === null ? '' : `: ${answer}`
      const end =
        how === 'open' ? 'Left open; nobody answered.' : `${how === 'answered' ? 'Answered' : 'Dismissed'} by ${by}${said}`
      const suggestion = how === 'open' && finding.suggestion !== undefined ? `\nSuggested: ${finding.suggestion}` : ''
      return `${id} (${finding.kind}, ${finding.severity}): ${finding.text}${suggestion}\n${end}`
    })
    .join('\n\n')
}

export function diagnosisText({ diagnosis }: StepOutputOf<'diagnosis'>): string {
  const { cause, confidence, evidence, reproduction, remedy } = diagnosis
  const parts = [
    `Cause (confidence ${confidence} of 1): ${cause}`,
    `Evidence:\n${evidence.map(seen).join('\n')}`,
    ...(reproduction === undefined ? [] : [`How to see it: ${reproduction}`]),
    `What would mend it: ${remedy}`,
  ]
  return parts.join('\n\n')
}

export function testText({ report }: StepOutputOf<'test'>): string {
  const outcomes = report.outcomes.map(({ name, ok, detail }) => {
    return `${ok ? 'passed' : 'failed'}: ${name}${detail === undefined ? '' : `: ${detail}`}`
  })
  const concerns = report.concerns.map((concern) => seen({ ...concern, text: `[${concern.severity}] ${concern.text}` }))
  return [...outcomes, ...concerns].join('\n')
}

export function releaseText({ signals, regression }: StepOutputOf<'release'>): string {
  if (regression === null) return signals.join('\n')
  const { confidence, recommendation, evidence } = regression
  const said = `Recommendation: ${recommendation}; confidence that this change is to blame: ${confidence} of 1.`
  return [...signals, said, ...evidence.map(seen)].join('\n')
}

export function parallelText({ summary, failed }: StepOutputOf<'parallel'>['results'][number]): string {
  return failed === null ? summary : `It failed: ${failed}`
}

/** Something that was seen, with its place. */
function seen({ text, repository, path, line }: Evidence): string {
  const place = [repository, path, line].filter((part) => part !== undefined).join(':')
  return `- ${place === '' ? '' : `${place}: `}${text}`
}
