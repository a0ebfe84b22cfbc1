/** An issue that a step files (STP-14): an agent wrote it, so it is made safe before it is posted. */
import type { RunId, StepId } from '../contract/ids.ts'
import type { Noticed, Run } from '../pipeline/model.ts'
import { safeBlock, safeLine, safeTitle } from './safe-text.ts'

/** Longest title, in characters; GitHub takes 256. */
const TITLE_MAX_CHARS = 200
const KIND_MAX_CHARS = 60
/** Longest text by the agent, in characters; a little is left for the line below it. */
const BODY_MAX_CHARS = 60_000

/** What such an issue begins with; hidden in the page. */
export function ticketMarker(run: RunId, step: StepId): string {
  return `<!-- switchyard:ticket run=${run} step=${step} -->`
}

/** What the issue of something noticed on the way begins with; hidden in the page. */
export function followUpMarker(run: RunId, followUp: string): string {
  return `<!-- switchyard:follow-up run=${run} item=${followUp} -->`
}

/** The issue of something that an agent noticed on the way (JOB-14); `body` is without the marker. */
export function renderFollowUp(run: Run, { kind, title, detail, action }: Noticed): { title: string; body: string } {
  const suggested = action === '' ? '' : `**Suggested**\n\n${action}`
  const kindLine = `**Kind**: ${safeLine(kind, KIND_MAX_CHARS)}`
  const parts = [detail, suggested].map((part) => safeBlock(part, BODY_MAX_CHARS)).filter((part) => part !== '')
  const { task } = run
  const source = `Noticed by an agent of Switchyard on the way, while it worked on [${task.repository}#${task.number}](${task.url}).`
  return {
    title: safeTitle(title, TITLE_MAX_CHARS) || `Noticed while working on ${task.repository}#${task.number}`,
    body: [kindLine, ...parts, source].join('\n\n'),
  }
}

/** Title and body (Markdown, without the marker), with the task that it came from. */
export function renderTicket({ task }: Run, ticket: { title: string; body: string }): { title: string; body: string } {
  const title = safeTitle(ticket.title, TITLE_MAX_CHARS) || `Found while working on ${task.repository}#${task.number}`
  const source = `Filed by Switchyard for [${task.repository}#${task.number}](${task.url}).`
  const body = safeBlock(ticket.body, BODY_MAX_CHARS)
  return { title, body: body === '' ? source : `${body}\n\n${source}` }
}
