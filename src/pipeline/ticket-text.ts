/** The issue that a step's result makes (STP-14). Where it comes from is added, and it is made safe, where it is written. */
import type { Run, Step } from './model.ts'

/** Bounds of the effect, in characters. */
const TITLE_MAX = 200
const BODY_MAX = 60_000

export interface TicketText {
  title: string
  /** Markdown. */
  body: string
}

/** Title and body from a step's output; null where it has no text of its own. */
export function ticketText({ task }: Run, { output }: Step): TicketText | null {
  const made = (title: string, body: string): TicketText => ({
    title: oneLine(title) || `Follow-up to ${task.repository}#${task.number}`,
    body: body.trim().slice(0, BODY_MAX).toWellFormed(),
  })
  switch (output?.kind) {
    case 'artefact':
      return made(output.artefact.title, output.artefact.markdown)
    case 'diagnosis': {
      const { cause, remedy, reproduction, evidence, confidence } = output.diagnosis
      const seen = evidence.map(({ text, repository, path, line }) => {
        const place = [repository, path, line].filter((part) => part !== undefined).join(':')
        return place === '' ? `- ${text}` : `- ${place}: ${text}`
      })
      const parts = [`## Cause\n\n${cause}`, `How sure: ${confidence}`, `## Evidence\n\n${seen.join('\n')}`]
      if (reproduction !== undefined) parts.push(`## How to see it\n\n${reproduction}`)
      return made(`Bug: ${task.title}`, [...parts, `## Remedy\n\n${remedy}`].join('\n\n'))
    }
    case 'plan': {
      const { summary, repositories, risks, testPlan } = output.plan
      const list = (heading: string, lines: string[]) => (lines.length === 0 ? [] : [`## ${heading}\n\n${lines.join('\n')}`])
      return made(
        task.title,
        [
          summary,
          ...list(
            'Repositories',
            repositories.map(({ repository, role, why }) => `- ${repository} (${role}): ${why}`),
          ),
          ...list(
            'Risks',
            risks.map((risk) => `- ${risk}`),
          ),
          ...list(
            'Tests',
            testPlan.map((test) => `- ${test}`),
          ),
        ].join('\n\n'),
      )
    }
    case 'agent':
      return output.summary.trim() === '' ? null : made(output.title ?? task.title, output.summary)
    case 'workflow':
      return output.text.trim() === '' ? null : made(output.title ?? task.title, output.text)
    default:
      return null
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, TITLE_MAX).toWellFormed()
}
