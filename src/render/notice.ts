/** A notice in words (NOT-1): for the deployment's webhook, and the comment that reminds. */
import type { Run } from '../pipeline/model.ts'
import type { Notice } from '../pipeline/notices.ts'
import { activeStep } from '../pipeline/state.ts'
import { approvalSubject } from './approval-subject.ts'
import { formatDuration } from './duration.ts'
import { causeText } from './failure-text.ts'
import { mentionWords } from './mention.ts'
import { safeTitle } from './safe-text.ts'
import { stepName } from './step-name.ts'

/** Longest title of a task in a notice, in characters. */
const TITLE_MAX_CHARS = 100

/** What the webhook is sent. Slack and those like it read `text`; the rest is for programs. */
export interface NoticeMessage {
  text: string
  kind: Notice['kind']
  subject: string
  reminder: boolean
  run: string
  repository: string
  number: number
  url: string
}

/**
 * The message of a notice. Of what people wrote it has the task's title, in one cleaned line; of agents nothing.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function noticeMessage(run: Run, notice: Notice, url: string): NoticeMessage {
  const { repository, number, title } = run.task
  const lead = notice.reminder ? 'Reminder: ' : ''
  const named = escapeSlack(safeTitle(title, TITLE_MAX_CHARS))
  return {
    text: `${lead}<${url}|${repository}#${number}> ${named}: ${escapeSlack(noticeWords(run, notice))}.`,
    ...notice,
    run: run.id,
    repository,
    number,
    url,
  }
}

/** What a reminder's comment begins with; hidden in the page. */
export function reminderMarker(run: Run, subject: string): string {
  const epoch = run.steps.find(({ id }) => id === subject)?.epoch ?? 0
  return `<!-- switchyard:reminder run=${run.id} step=${subject} epoch=${epoch} -->`
}

/** The comment that reminds, as Markdown; `url` is where the status comment stands. */
export function renderReminder(run: Run, notice: Notice, url: string): string {
  const waited = formatDuration(run.settings.escalateMs)
  return `${reminderMarker(run, notice.subject)}\n${mentionWords(run)}after ${waited}, this still ${noticeWords(run, notice)}. [What to do](${url})\n`
}

/** What is the matter, going on from "this": no full stop. */
function noticeWords(run: Run, { kind, subject }: Notice): string {
  const step = run.steps.find(({ id }) => id === subject)
  const at = step === undefined ? '' : ` at "${stepName(step)}"`
  if (run.status.state === 'failed') {
    return `has failed${at}: ${lower(causeText(run.status.failure.cause).what.replace(/\.$/, ''))}`
  }
  switch (kind) {
    case 'ready-to-merge':
      return run.status.state === 'done' ? 'is ready for review and merge' : 'waits to be merged by a person'
    case 'ci-failed':
      return `waits for a decision${at}: its checks stay red`
    case 'tests-failed':
      return `waits for a decision${at}: its tests stay red`
    case 'release-regression':
      return 'waits for a decision: after the merge something turned bad'
    case 'budget':
      return 'is held: the budget is used up'
    case 'config-broken':
      return 'cannot go on: its configuration does not work'
    case 'needs-you':
      return subject === 'pulls' ? 'waits for a decision: a pull request was closed without being merged' : personWords(run, at)
  }
}

function personWords(run: Run, at: string): string {
  const wait = activeStep(run)?.status.wait
  switch (wait?.for === 'person' ? wait.what : null) {
    case 'approve':
      return `waits for its ${approvalSubject(run)?.noun ?? 'plan'} to be approved`
    case 'answers':
      return 'waits for answers to its questions'
    case 'decision':
      return `waits for a decision${at}: its agent asks something`
    default:
      return `waits for a decision${at}`
  }
}

function lower(words: string): string {
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`
}

/** Slack's three characters of its own; with them text could name a channel or hide a link. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
