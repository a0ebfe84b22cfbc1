/** The title and body of a leg's pull request (CS-1). The body is brought up to date as the set moves on. */
import type { LegKey, RunId } from '../contract/ids.ts'
import type { Leg, Run } from '../pipeline/model.ts'
import { latestOutput } from '../pipeline/state.ts'
import { SWITCHYARD } from '../pipeline/turn.ts'
import { nounOf } from './approval-subject.ts'
import { checkedList } from './made-sections.ts'
import { legsInOrder, pullLink } from './pull-lines.ts'
import { fillTemplate, templateDepth } from './pull-request-template.ts'
import { safeBlock, safeLine, safeTitle } from './safe-text.ts'

/** GitHub's limit for a body, in characters; a little is left for what it adds itself. */
const BODY_MAX_CHARS = 65_000
const TITLE_MAX_CHARS = 120
const SUMMARY_MAX_CHARS = 12_000
const TEMPLATE_MAX_CHARS = 20_000
const LINE_MAX_CHARS = 300
const HEADING_DEPTH = 3

export interface PullRequestInput {
  run: Run
  leg: Leg
  /** The repository's pull-request template, from its default branch. */
  template: string | null
}

export interface PullRequestText {
  title: string
  /** Markdown. */
  body: string
}

/** What a pull request of this run and leg begins with; hidden in the page. */
export function pullRequestMarker(runId: RunId, leg: LegKey): string {
  return `<!-- switchyard:pull run=${runId} leg=${leg} -->`
}

/** Title and body as they should stand now. Pure: rendering twice gives the same. */
export function renderPullRequest({ run, leg, template }: PullRequestInput): PullRequestText {
  const output = latestOutput(run, 'agent')
  const what = safeBlock(output?.summary ?? (latestOutput(run, 'workflow')?.text || run.task.title), SUMMARY_MAX_CHARS)
  const parts = { what, checked: checkedList(output?.checks ?? []), issue: issueLine(run, leg) }
  const used = template === null || template.trim() === '' ? null : template.slice(0, TEMPLATE_MAX_CHARS)
  const own = used === null ? plainBody(parts) : fillTemplate(used, parts)
  // A part of its own, beside those of the template and not below its last one.
  const heading = '#'.repeat(used === null ? HEADING_DEPTH : (templateDepth(used) ?? HEADING_DEPTH))
  const body = [pullRequestMarker(run.id, leg.key), own, setList(run, leg, heading), decisions(run)]
    .filter((part) => part !== '')
    .join('\n\n')
  return { title: titleOf(run), body: `${body.slice(0, BODY_MAX_CHARS)}\n` }
}

/** The agent's title, or the workflow's, else the task's. */
function titleOf(run: Run): string {
  const title = latestOutput(run, 'agent')?.title ?? latestOutput(run, 'workflow')?.title ?? ''
  const proposed = safeTitle(title, TITLE_MAX_CHARS).replace(/\.$/, '')
  return proposed || safeTitle(run.task.title, TITLE_MAX_CHARS) || `Work on ${run.task.repository}#${run.task.number}`
}

/**
 * Only the primary's pull request may close the issue, and only where it is the last to merge: else the issue would be
 * closed while a part of the set is still open. Where it is not, the run closes the issue itself at its end.
 */
function issueLine(run: Run, leg: Leg): string {
  const { task } = run
  if (task.thread !== 'issue') return `Belongs to [${task.repository}#${task.number}](${task.url}).`
  const last = legsInOrder(run).every(
    (one) => one.key === leg.key || run.mergeOrder.indexOf(one.key) < run.mergeOrder.indexOf(leg.key),
  )
  return leg.repositoryId === task.repositoryId && last
    ? `Closes #${task.number}`
    : `Part of [${task.repository}#${task.number}](${task.url}).`
}

function plainBody({ what, checked, issue }: { what: string; checked: string; issue: string }): string {
  const how = checked === '' ? '' : `### How it was checked\n\n${checked}`
  return [what, how, issue].filter((part) => part !== '').join('\n\n')
}

/** How each of the others stands is not said: GitHub shows it beside the link, and every change would be a write to each body. */
function setList(run: Run, leg: Leg, heading: string): string {
  const legs = legsInOrder(run)
  const others = legs.filter((one) => one.key !== leg.key)
  if (others.length === 0) return ''
  const lines = legs.map((one, index) =>
    one.key === leg.key ? `${index + 1}. **this one** · ${one.role}` : `${index + 1}. ${pullLink(one)} · ${one.role}`,
  )
  return `${heading} Belongs together\n\nThese are merged in this order:\n\n${lines.join('\n')}`
}

/** What was decided on the way, folded. */
function decisions(run: Run): string {
  const plan = latestOutput(run, 'plan')
  const approval = latestOutput(run, 'approval')
  const review = latestOutput(run, 'companion')
  const code = latestOutput(run, 'agent')
  const lines = [
    ...(approval === null
      ? []
      : [
          `- ${nounOf(run, approval.hash) === 'plan' ? 'Plan' : 'Document'} \`${approval.hash}\` was approved by ${safeLine(approval.by, 100)}.`,
        ]),
    ...(approval?.text ? [`- With it: ${safeLine(approval.text, LINE_MAX_CHARS)}`] : []),
    ...run.decisions.slice(-10).map(decisionLine),
    ...skippedByPeople(run),
    ...(plan?.plan.risks ?? []).slice(0, 10).map((risk) => `- Risk that was seen: ${safeLine(risk, LINE_MAX_CHARS)}`),
    ...(review?.by === 'person' ? [`- A person let it go on at a review rating of ${review.verdict.rating}.`] : []),
    ...(code?.notes ?? []).slice(0, 10).map((note) => `- ${safeLine(note, LINE_MAX_CHARS)}`),
  ]
  return lines.length === 0 ? '' : `<details><summary>Decisions on the way</summary>\n\n${lines.join('\n')}\n\n</details>`
}

/** What an agent asked, and what somebody decided. */
function decisionLine({ question, answer, by }: Run['decisions'][number]): string {
  return `- ${safeLine(question, LINE_MAX_CHARS)} ${safeLine(by, 100)} decided: ${safeLine(answer, LINE_MAX_CHARS)}`
}

/** What nobody looked at because a person said so: whoever reviews the pull request should know. */
function skippedByPeople(run: Run): string[] {
  return run.steps.flatMap(({ id, status }) =>
    status.state === 'skipped' && status.by !== SWITCHYARD
      ? [`- The step ${id} was skipped by ${safeLine(status.by, 100)}: ${safeLine(status.why, LINE_MAX_CHARS)}`]
      : [],
  )
}
