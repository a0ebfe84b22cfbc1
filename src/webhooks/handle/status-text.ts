import { STATUS_COMMENT } from '../../effects/show/status-comment.ts'
import { placeInQueue } from '../../engine/admission.ts'
import type { Run } from '../../pipeline/model.ts'
import { leadOf, wordOf } from '../../render/lead.ts'
import { getProjection } from '../../store/projections.ts'
import type { Intake } from './intake.ts'

/** `/yard status`: the state and the next action in a few lines, and where the whole of it stands. */
export async function statusText({ store, now }: Intake, run: Run): Promise<string> {
  const place = await placeInQueue(store, run.id)
  const queue = place === null ? null : { place, estimateMs: null }
  const lead = leadOf({ run, queue, progress: null, now: now(), serverUrl: '', dashboardUrl: null })
  const comment = await getProjection(store.db, run.id, STATUS_COMMENT)
  const link =
    comment?.externalId === null || comment === null
      ? ''
      : `\n\n[All of it](${run.task.url}#issuecomment-${comment.externalId})`
  return `**${wordOf(run)}** · ${lead}${link}`
}
