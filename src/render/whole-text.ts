/**
 * What was made and is too long for the status comment, in comments of its own: whoever is to approve a plan or a document
 * can read all of it on GitHub.
 */
import type { RunId, StepId } from '../contract/ids.ts'
import type { Run, Step } from '../pipeline/model.ts'
import { documentIsShortened, wholeDocument } from './found-sections.ts'
import { planIsShortened, wholePlan } from './plan-section.ts'
import { splitMarkdown } from './split-markdown.ts'
import { stepName } from './step-name.ts'

/** Longest part, in characters; with its heading it stays under GitHub's limit of 65,536. */
const PART_MAX_CHARS = 60_000
/** A plan of as many files as a report may name fits into these. */
export const WHOLE_MAX_PARTS = 8

/** What such a comment begins with; hidden in the page. With this it is found again. `part` counts from 1. */
export function wholeTextMarker(run: RunId, step: StepId, part: number): string {
  return `<!-- switchyard:whole run=${run} step=${step} part=${part} -->`
}

/** The comments that hold all of what a step made; none where the status comment shows it in full. */
export function renderWholeText(run: Run, step: Step): string[] {
  const text = wholeOf(step)
  if (text === null) return []
  const parts = splitMarkdown(text.body, PART_MAX_CHARS)
  const shown = parts.slice(0, WHOLE_MAX_PARTS)
  return shown.map((part, index) => {
    const place = shown.length === 1 ? '' : `, part ${index + 1} of ${shown.length}`
    const more = index === WHOLE_MAX_PARTS - 1 && parts.length > shown.length ? '\n\n_(The rest is too long for GitHub.)_' : ''
    return [
      wholeTextMarker(run.id, step.id, index + 1),
      `### Switchyard · the whole ${text.noun} \`${text.hash}\`${place}`,
      `${part}${more}`,
      `<sub>step ${stepName(step)} · run \`${run.id}\` · approve or change it from the status comment</sub>`,
    ].join('\n\n')
  })
}

/** A comment that is not needed any more, since what was made is shorter now. */
export function renderNotNeeded(run: Run, step: Step, part: number): string {
  return `${wholeTextMarker(run.id, step.id, part)}\n\n_What stood here was replaced; what holds now is in the status comment._`
}

function wholeOf({ output }: Step): { noun: string; hash: string; body: string } | null {
  switch (output?.kind) {
    case 'plan':
      return planIsShortened(output.plan) ? { noun: 'plan', hash: output.hash, body: wholePlan(output.plan) } : null
    case 'artefact':
      return documentIsShortened(output.artefact)
        ? { noun: 'document', hash: output.hash, body: wholeDocument(output.artefact) }
        : null
    default:
      return null
  }
}
