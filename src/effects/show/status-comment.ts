import { crashPoint } from '../../contract/crash-point.ts'
import { placeInQueue } from '../../engine/admission.ts'
import { createComment, findMarked, updateComment } from '../../github/comments.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { currentWait } from '../../pipeline/state.ts'
import { renderStatusComment, statusMarker } from '../../render/status-comment.ts'
import { statusView } from '../../render/view.ts'
import { getJob } from '../../store/jobs.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { project } from './projector.ts'

/** The projection under which the status comment is kept. */
export const STATUS_COMMENT = 'status-comment'

/** The one status comment of the run's thread, found by its hidden marker and edited in place (CMD-6). */
export async function showStatusComment(dependencies: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  const { store, identity, redactor } = dependencies
  const body = redactor.redact(await statusBody(dependencies, run))
  const repository = repositoryOf(run.task.repository)
  await project(store, run.id, STATUS_COMMENT, body, async (known) => {
    if (known !== null) {
      const updated = await updateComment(octokit, repository, Number(known), body)
      if (updated !== null) return known
    }
    const wanted = { marker: statusMarker(run.id), authorId: identity.botId }
    const found = await findMarked(octokit, repository, run.task.number, wanted)
    if (found === null) {
      const created = await createComment(octokit, repository, run.task.number, body)
      crashPoint('comment-posted')
      return String(created.id)
    }
    if (found.body !== body) await updateComment(octokit, repository, found.id, body)
    return String(found.id)
  })
}

async function statusBody({ store, serverUrl, runUrl, now }: ShowDependencies, run: Run): Promise<string> {
  const place = run.status.state === 'queued' ? await placeInQueue(store, run.id) : null
  const wait = currentWait(run)
  const job = wait?.for === 'job' ? await getJob(store.db, wait.job) : null
  const queue = place === null ? null : { place, estimateMs: null }
  return renderStatusComment(
    statusView({ run, queue, progress: job?.progress ?? null, now: now(), serverUrl, dashboardUrl: runUrl(run.id) }),
  )
}
