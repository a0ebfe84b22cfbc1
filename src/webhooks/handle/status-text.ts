import { questionsUrl } from '../../effects/show/questions-comment.ts'
import { STATUS_COMMENT } from '../../effects/show/status-comment.ts'
import { queuePlace } from '../../engine/queue-estimate.ts'
import type { Run } from '../../pipeline/model.ts'
import { wordOf } from '../../render/doing.ts'
import { HISTORY_SHOWN, historyAnswer } from '../../render/history-answer.ts'
import { leadOf } from '../../render/lead.ts'
import { newestHistory } from '../../store/history.ts'
import { getProjection } from '../../store/projections.ts'
import type { Intake } from './intake.ts'

/** `/yard status --history`: what has happened, below how it stands. */
export async function statusWithHistory(intake: Intake, run: Run): Promise<string> {
  const newest = await newestHistory(intake.store.db, run.id, HISTORY_SHOWN + 1)
  const told = historyAnswer(newest.slice(-HISTORY_SHOWN), newest.length > HISTORY_SHOWN)
  return [await statusText(intake, run), told].filter((part) => part !== '').join('\n\n')
}

/** `/yard status`: the state and the next action in a few lines, and where the whole of it stands. */
export async function statusText({ store, github, now }: Intake, run: Run): Promise<string> {
  const queue = run.status.state === 'queued' ? await queuePlace(store.db, run) : null
  const where = { serverUrl: '', dashboardUrl: null, questionsUrl: await questionsUrl({ store }, run) }
  const blockedUntil = (await github.blocked(run.task.installationId))?.until ?? null
  const lead = leadOf({ run, queue, progress: null, now: now(), blockedUntil, ...where })
  const comment = await getProjection(store.db, run.id, STATUS_COMMENT)
  const link =
    comment?.externalId === null || comment === null
      ? ''
      : `\n\n[The whole status](${run.task.url}#issuecomment-${comment.externalId})`
  return `**${wordOf(run)}** · ${lead}${link}`
}
