import { describeStep } from '../pipeline/describe.ts'
import type { Instant, Leg, Run, Step } from '../pipeline/model.ts'
import { concerns } from './check-annotations.ts'
import { codeBlock, inlineCode } from './code-text.ts'
import { formatDuration } from './duration.ts'
import { whatFailed, whatToDo } from './failure-lead.ts'
import { checkedList } from './made-sections.ts'
import { formatUsd } from './money.ts'
import { outputSection } from './output-section.ts'
import { refusedSection } from './refused-section.ts'
import { safeBlock, safeLine } from './safe-text.ts'
import { stacked } from './section.ts'
import { splitMarkdown } from './split-markdown.ts'
import { timeOf } from './stages.ts'
import { undecidedSection } from './undecided.ts'
import { verdictOfStep } from './verdict.ts'

/** GitHub's limit for the summary of a check run, in characters. */
export const SUMMARY_MAX_CHARS = 65_535
const PART_MAX_CHARS = 12_000
const SHORTENED =
  '_(Shortened: the rest is too long for GitHub’s check page. Remarks with a place stand at their lines as well.)_'
const LINE_MAX_CHARS = 400

/** What a stage looked at, found and did, for the page of its check run. */
export function checkSummary(run: Run, step: Step, leg: Leg, now: Instant): string {
  const parts = [standing(run, step), result(run, step, leg), refused(step), spent(step, now), `Task: ${taskLink(run)}`]
  return joinWithin(parts.filter((part) => part !== ''))
}

/**
 * The parts within GitHub's limit. Where they are longer, the longest is cut between two of its blocks, and says so: what
 * stands below it, like the link to the task, stays.
 */
export function joinWithin(parts: readonly string[]): string {
  const text = parts.join('\n\n')
  if (text.length <= SUMMARY_MAX_CHARS) return text
  const longest = parts.reduce((one, other) => (other.length > one.length ? other : one), '')
  const others = text.length - longest.length
  const room = SUMMARY_MAX_CHARS - others - SHORTENED.length - 2
  // Never so in what is rendered here: all other parts have limits of their own.
  if (room <= 0) return SHORTENED
  const [kept = ''] = splitMarkdown(longest, room)
  return parts.map((part) => (part === longest ? `${kept}\n\n${SHORTENED}` : part)).join('\n\n')
}

function standing(run: Run, step: Step): string {
  const { status } = step
  switch (status.state) {
    case 'failed': {
      const { failure } = status
      const evidence = failure.detail === undefined ? null : codeBlock(failure.detail.slice(-PART_MAX_CHARS))
      return stacked([whatFailed(run, step.id, failure), whatToDo(run, step.id, failure), evidence])
    }
    case 'active': {
      const described = safeLine(describeStep(run, step), LINE_MAX_CHARS)
      if (status.wait.for !== 'person') return described
      const where = `**A person decides how to go on**, by a button here or in ${taskLink(run)}.`
      return described === '' ? where : `${where} So far: ${described}.`
    }
    case 'skipped':
      return `Skipped by ${safeLine(status.by, 100)}: ${safeLine(status.why, LINE_MAX_CHARS)}`
    case 'cancelled':
      return 'The run was stopped before this stage ended.'
    case 'pending':
    case 'done':
      return ''
  }
}

function result(run: Run, step: Step, leg: Leg): string {
  const verdict = verdictOfStep(step)
  if (verdict !== null) {
    const comments = verdict.comments.filter(
      (comment) => concerns(comment, leg, run.legs.length === 1) || comment.repository === undefined,
    )
    const lines = comments.map(({ severity, path, line, body }) => {
      const place = path === undefined ? '' : ` ${inlineCode(line === undefined ? path : `${path}:${line}`)}`
      return `- ${severity}${place}: ${safeLine(body, LINE_MAX_CHARS)}`
    })
    return stacked([`Rated ${verdict.rating}.`, safeBlock(verdict.summary, PART_MAX_CHARS), lines.join('\n')])
  }
  const undecided = undecidedSection(step)
  if (undecided !== null) return undecided.body
  const { output } = step
  if (output === null) return ''
  switch (output.kind) {
    case 'approval':
      return output.text === null ? '' : `With these words:\n\n${safeBlock(output.text, PART_MAX_CHARS)}`
    case 'agent':
      return stacked([safeBlock(output.summary, PART_MAX_CHARS), checkedList(output.checks)])
    default:
      return outputSection(run, output)?.body ?? ''
  }
}

function refused(step: Step): string {
  const section = refusedSection(step)
  return section === null ? '' : `${section.summary}\n\n${section.body}`
}

function taskLink({ task }: Run): string {
  return `[${task.repository}#${task.number}](${task.url})`
}

function spent(step: Step, now: Instant): string {
  if (step.startedAt === null || step.status.state === 'active') return ''
  const cost = step.usage.costUsd === undefined ? '' : `, ${formatUsd(step.usage.costUsd)}`
  const attempts = step.epoch > 1 ? `, ${step.epoch} attempts` : ''
  return `${formatDuration(timeOf(step, now))}${attempts}${cost}`
}
