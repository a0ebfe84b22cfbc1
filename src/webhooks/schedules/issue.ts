import { dayIn } from '../../config/cron.ts'
import { DEFAULT_TIME_ZONE, type ScheduleFile } from '../../config/file-schedules.ts'
import { crashPoint } from '../../contract/crash-point.ts'
import { getIssue } from '../../github/issues.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { createTicket, findTicket } from '../../github/tickets.ts'
import { type FireRow, lastFireWithIssue, noteIssue } from '../../store/schedules.ts'
import type { Intake } from '../handle/intake.ts'

/** What an issue of a schedule says: the configuration's own words, which are also what its agents are told. */
export interface ScheduledTask {
  title: string
  body: string
}

export function scheduledTask({ title, task = '', timeZone = DEFAULT_TIME_ZONE }: ScheduleFile, dueAt: number): ScheduledTask {
  return { title: title.replaceAll('{date}', dayIn(timeZone, dueAt)), body: task }
}

/**
 * The issue of a fire: the one that it opened before a crash, found by its hidden marker; the one of the time before where
 * that could not be begun and is still open; else a new one.
 */
export async function issueOfFire(
  { store, identity, redactor }: Intake,
  octokit: Octokit,
  repository: string,
  fire: FireRow,
  { title, body }: ScheduledTask,
): Promise<number> {
  if (fire.issue !== null) return fire.issue
  const at = repositoryOf(repository)
  const marker = `<!-- switchyard:schedule ${fire.name} due=${fire.dueAt} -->`
  const author = { login: identity.botLogin, id: identity.botId }
  const opened = await findTicket(octokit, at, { marker, author, since: fire.dueAt })
  const left = opened === null ? await leftOpen() : null
  if (left !== null) {
    await noteIssue(store.db, fire, left)
    return left
  }
  const origin = `<sub>Opened by the schedule \`${fire.name}\` of \`.github/switchyard.yml\`.</sub>`
  const text = redactor.redact([body, origin].filter((part) => part !== '').join('\n\n'))
  const { number } =
    opened ?? (await createTicket(octokit, at, { marker, title: redactor.redact(title), body: text, labels: [] }))
  crashPoint('schedule-issue-opened')
  await noteIssue(store.db, fire, number)
  return number

  async function leftOpen(): Promise<number | null> {
    const last = await lastFireWithIssue(store.db, fire)
    if (last === null || last.issue === null || last.state !== 'refused') return null
    return (await getIssue(octokit, at, last.issue))?.state === 'open' ? last.issue : null
  }
}
