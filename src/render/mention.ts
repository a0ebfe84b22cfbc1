import type { Run } from '../pipeline/model.ts'
import { noticeOf } from '../pipeline/notices.ts'
import { activeStep } from '../pipeline/state.ts'

/** A login as GitHub gives it to a person, or a team. An App's login ends with `[bot]`: nobody reads what it is told. */
const PERSON = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})|@[A-Za-z0-9-]+\/[A-Za-z0-9._-]+)$/
/** Most people named at once. */
const MENTIONS_MAX = 10

/**
 * Whom the status comment names: those who may approve where they are listed and are asked to decide, else who asked for
 * the run. Logins come from GitHub and from the configuration on a default branch, never from text.
 *
 * GitHub notifies somebody whom an edit names for the first time in a comment, and not again for the same comment; what
 * is said later reaches them by the reminder, which is a comment of its own, and by the deployment's webhook.
 */
export function mentionsOf(run: Run): string[] {
  const { status, settings, task } = run
  if (noticeOf(run) === null || (status.state === 'paused' && status.cause === 'person')) return []
  const logins = decides(run) && settings.approvers.length > 0 ? settings.approvers : [task.requestedBy.login]
  return [...new Set(logins)].filter((login) => PERSON.test(login)).slice(0, MENTIONS_MAX)
}

/** The mentions as they stand before a sentence, like `@mona: `; empty where nobody is named. */
export function mentionWords(run: Run): string {
  const names = mentionsOf(run).map((name) => `@${name.replace(/^@/, '')}`)
  return names.length === 0 ? '' : `${names.join(' ')}: `
}

/** Whether the person waited for decides on what was made, which not everybody may. */
function decides(run: Run): boolean {
  const wait = activeStep(run)?.status.wait
  return wait?.for === 'person' && ['approve', 'cap', 'evidence', 'regression'].includes(wait.what)
}
