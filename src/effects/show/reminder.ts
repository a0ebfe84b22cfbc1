import type { Octokit } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { noticeOf } from '../../pipeline/notices.ts'
import { reminderMarker, renderReminder } from '../../render/notice.ts'
import { getProjection } from '../../store/projections.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { showMarkedComment } from './marked-comment.ts'
import { STATUS_COMMENT } from './status-comment.ts'

/**
 * The reminder of a wait that has lasted for long: a comment of its own, once per wait, because GitHub tells nobody of an
 * edit to a comment that names them already (NOT-1).
 */
export async function showReminder(dependencies: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  const notice = noticeOf(run)
  if (notice === null || !notice.reminder || run.status.state !== 'active') return
  const { kind, subject } = notice
  const epoch = run.steps.find(({ id }) => id === subject)?.epoch ?? 0
  const key = `notice/${kind}/${subject}/${epoch}`
  // Said once: what it links may move, and an edit would reach nobody.
  if ((await getProjection(dependencies.store.db, run.id, key)) !== null) return
  const comment = (await getProjection(dependencies.store.db, run.id, STATUS_COMMENT))?.externalId
  const url = comment == null ? run.task.url : `${run.task.url}#issuecomment-${comment}`
  await showMarkedComment(dependencies, octokit, run, {
    key,
    marker: reminderMarker(run, subject),
    body: dependencies.redactor.redact(renderReminder(run, notice, url)),
  })
}
