/** An issue that a step files (STP-14): an agent wrote it, so it is made safe before it is posted. */
import type { RunId, StepId } from '../contract/ids.ts'
import type { Run } from '../pipeline/model.ts'
import { safeBlock, safeTitle } from './safe-text.ts'

/** Longest title, in characters; GitHub takes 256. */
const TITLE_MAX_CHARS = 200
/** Longest text by the agent, in characters; a little is left for the line below it. */
const BODY_MAX_CHARS = 60_000

/** What such an issue begins with; hidden in the page. */
export function ticketMarker(run: RunId, step: StepId): string {
  return `<!-- switchyard:ticket run=${run} step=${step} -->`
}

/** Title and body (Markdown, without the marker), with the task that it came from. */
export function renderTicket({ task }: Run, ticket: { title: string; body: string }): { title: string; body: string } {
  const title = safeTitle(ticket.title, TITLE_MAX_CHARS) || `Found while working on ${task.repository}#${task.number}`
  const source = `Filed by Switchyard for [${task.repository}#${task.number}](${task.url}).`
  const body = safeBlock(ticket.body, BODY_MAX_CHARS)
  return { title, body: body === '' ? source : `${body}\n\n${source}` }
}
