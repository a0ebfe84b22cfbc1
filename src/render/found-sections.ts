/** What explorers found, as people read it. */
import type { Artefact, Diagnosis, Estimate, Evidence, Verdict } from '../contract/report.ts'
import type { SettledFinding, StepOutputOf } from '../pipeline/outputs.ts'
import { count } from './money.ts'
import { safeBlock, safeLine, safeTitle } from './safe-text.ts'
import { LINE_MAX_CHARS, placeOf, type Section, stacked, TEXT_MAX_CHARS, titled } from './section.ts'

/** A document is what is approved: it is shown in full up to here, else all of it stands in a comment of its own, in characters. */
const DOCUMENT_MAX_CHARS = 36_000
const BRIEF_MAX_CHARS = 12_000
const TITLE_MAX_CHARS = 100

/** The document itself, not what was said about it (STP-6). */
export function documentSection({ title, markdown }: Artefact, hash: string, whole: string | null = null): Section {
  const shown = safeBlock(markdown, DOCUMENT_MAX_CHARS, DOCUMENT_MAX_CHARS)
  const shortened = whole !== null && documentIsShortened({ title, markdown })
  const body = shortened ? stacked([`Shortened. [The whole document](${whole}) is in a comment of its own.`, shown]) : shown
  return { summary: `Document ${hash}: ${safeTitle(title, TITLE_MAX_CHARS)}`, body }
}

/** All of a document, however long. */
export function wholeDocument({ markdown }: Artefact): string {
  return safeBlock(markdown, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
}

/** Whether the status comment shows less than all of it. */
export function documentIsShortened(document: Artefact): boolean {
  return wholeDocument(document).length > DOCUMENT_MAX_CHARS
}

/** What is the cause of a bug, how that is known, and what would mend it (STP-5). */
export function diagnosisSection({ cause, confidence, evidence, reproduction, remedy }: Diagnosis): Section {
  return {
    summary: `Diagnosis: confidence ${confidence}, ${count(evidence.length, 'piece')} of evidence`,
    body: stacked([
      safeBlock(cause, TEXT_MAX_CHARS),
      titled('Evidence', evidence, evidenceLine),
      reproduction === undefined ? null : `**How to see it**\n\n${safeBlock(reproduction, TEXT_MAX_CHARS)}`,
      `**What would mend it**\n\n${safeBlock(remedy, TEXT_MAX_CHARS)}`,
    ]),
  }
}

/** Something seen, with its place in front. */
export function evidenceLine(seen: Evidence): string {
  const place = placeOf(seen)
  return `- ${place === '' ? '' : `${place}: `}${safeLine(seen.text, LINE_MAX_CHARS)}`
}

const AXES = ['complexity', 'risk', 'impact'] as const

/** The three axes with their reasons (STP-3). */
export function estimateSection(estimate: Estimate): Section {
  const rows = AXES.map((axis) => `| ${axis} | ${estimate[axis].value} | ${safeLine(estimate[axis].why, LINE_MAX_CHARS)} |`)
  return {
    summary: `Estimate: ${AXES.map((axis) => `${axis} ${estimate[axis].value}`).join(', ')}`,
    body: ['| Axis | 0 to 1 | Why |', '|---|---|---|', ...rows].join('\n'),
  }
}

/** The task as it is understood after the questions, and how each was settled (STP-4). */
export function briefSection({ brief, settled }: StepOutputOf<'questions'>): Section {
  const answered = settled.filter(({ how }) => how !== 'open').length
  const how = settled.length === 0 ? 'nothing was unclear' : `${answered} of ${count(settled.length, 'question')} settled`
  return {
    summary: `The task as it is understood: ${how}`,
    body: stacked([safeBlock(brief, BRIEF_MAX_CHARS), titled('Questions', settled, settledLine, 40)]),
  }
}

/** A question and what became of it. */
export function settledLine({ id, finding, how, answer, by }: SettledFinding): string {
  const asked = `**${id}** ${safeLine(finding.text, LINE_MAX_CHARS)}`
  const who = by === null ? '' : ` by ${safeLine(by, 100)}`
  switch (how) {
    case 'answered':
      return `- ✓ ${asked} Answered${who}: ${safeLine(answer ?? '', LINE_MAX_CHARS)}`
    case 'dismissed':
      return `- – ${asked} Dismissed${who}.`
    case 'open':
      return `- ○ ${asked} Left open.`
  }
}

/** What each of several explorers found (STP-17). */
export function parallelSection({ results }: StepOutputOf<'parallel'>): Section {
  const failed = results.filter((result) => result.failed !== null).length
  return {
    summary: `Explorations: ${results.length - failed} of ${results.length} with a result`,
    body: stacked(
      results.map(({ id, role, summary, failed: why }) =>
        why === null
          ? `**${id}** (${safeLine(role, 60)})\n\n${safeBlock(summary, TEXT_MAX_CHARS / 2)}`
          : `**${id}** (${safeLine(role, 60)}) gave no result: ${safeLine(why, LINE_MAX_CHARS)}`,
      ),
    ),
  }
}

/** What a reviewer says of the work. */
export function verdictSection({ rating, summary, comments }: Verdict): Section {
  const line = (comment: Verdict['comments'][number]) => {
    const place = placeOf(comment)
    return `- ${comment.severity}${place === '' ? '' : ` ${place}`}: ${safeLine(comment.body, LINE_MAX_CHARS)}`
  }
  return {
    summary: `Review: rated ${rating}, ${count(comments.length, 'comment')}`,
    body: stacked([safeBlock(summary, TEXT_MAX_CHARS), titled('Comments', comments, line)]),
  }
}
