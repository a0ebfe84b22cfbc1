import { RunId, StepId } from '../../contract/ids.ts'
import { questionsComment } from '../../effects/show/questions-comment.ts'
import { STATUS_COMMENT } from '../../effects/show/status-comment.ts'
import { getProjection, putProjection } from '../../store/projections.ts'
import { getRun } from '../../store/runs.ts'
import type { CommentIntent } from '../intents.ts'
import type { Intake } from './intake.ts'

/** A comment of ours that people tick in, and the run it belongs to. */
export interface ShownComment {
  run: RunId
  /** The projection under which it is kept. */
  key: string
}

const MARKER = /<!-- switchyard:(?:(status)|questions) run=([a-z0-9]{4,26})\b(?: step=([a-z][a-z0-9-]{0,60})\b)?/

/** The status or questions comment that this is; null when it is another comment of ours, or of another thread. */
export async function shownComment({ store }: Intake, intent: CommentIntent): Promise<ShownComment | null> {
  const [, isStatus, runId, stepId] = MARKER.exec(intent.bodyBefore ?? intent.body) ?? []
  const id = RunId.safeParse(runId)
  const step = StepId.safeParse(stepId)
  if (!id.success || (isStatus === undefined && !step.success)) return null
  const run = await getRun(store.db, id.data)
  const same = run?.task.repositoryId === intent.repository.id && run.task.number === intent.number
  if (!same) return null
  return { run: id.data, key: isStatus === undefined && step.success ? questionsComment(step.data) : STATUS_COMMENT }
}

/** What GitHub shows is not what we last wrote there: it is written again. */
export async function forgetShown({ store, engine }: Intake, comment: ShownComment, key: string): Promise<void> {
  const shown = await getProjection(store.db, comment.run, comment.key)
  if (shown === null) return
  await putProjection(store.db, comment.run, comment.key, { externalId: shown.externalId, digest: '' })
  await engine.refresh(comment.run, key)
}

/** Where a run's status comment is; its thread while it has none yet. */
export async function statusLink({ store }: Intake, run: RunId, threadUrl: string): Promise<string> {
  const comment = (await getProjection(store.db, run, STATUS_COMMENT))?.externalId
  return comment === undefined || comment === null ? threadUrl : `${threadUrl}#issuecomment-${comment}`
}
