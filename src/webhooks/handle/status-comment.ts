import { RunId } from '../../contract/ids.ts'
import { STATUS_COMMENT } from '../../effects/show/status-comment.ts'
import { getProjection, putProjection } from '../../store/projections.ts'
import { getRun } from '../../store/runs.ts'
import type { CommentIntent } from '../intents.ts'
import type { Intake } from './intake.ts'

/** The run whose status comment this is; null when it is another comment of ours, or of another thread. */
export async function runOfComment({ store }: Intake, intent: CommentIntent): Promise<RunId | null> {
  const found = /<!-- switchyard:status run=([a-z0-9]{4,26})\b/.exec(intent.bodyBefore ?? intent.body)
  const id = RunId.safeParse(found?.[1])
  if (!id.success) return null
  const run = await getRun(store.db, id.data)
  const same = run?.task.repositoryId === intent.repository.id && run.task.number === intent.number
  return same ? id.data : null
}

/** What GitHub shows is not what we last wrote there: it is written again. */
export async function forgetShown({ store, engine }: Intake, run: RunId, key: string): Promise<void> {
  const shown = await getProjection(store.db, run, STATUS_COMMENT)
  if (shown === null) return
  await putProjection(store.db, run, STATUS_COMMENT, { externalId: shown.externalId, digest: '' })
  await engine.refresh(run, key)
}

/** Where a run's status comment is; its thread while it has none yet. */
export async function statusLink({ store }: Intake, run: RunId, threadUrl: string): Promise<string> {
  const comment = (await getProjection(store.db, run, STATUS_COMMENT))?.externalId
  return comment === undefined || comment === null ? threadUrl : `${threadUrl}#issuecomment-${comment}`
}
