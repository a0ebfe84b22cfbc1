import { crashPoint } from '../../contract/crash-point.ts'
import { createComment, findMarked, updateComment } from '../../github/comments.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import type { GitHubEffects } from '../dependencies.ts'
import { project } from './projector.ts'

/** A comment of ours that is created once, found again by its hidden marker, and edited in place. */
export interface MarkedComment {
  /** The projection under which it is kept. */
  key: string
  marker: string
  body: string
}

/** Shows it in the run's thread unless it stands there already as it should. */
export async function showMarkedComment(
  { store, identity }: GitHubEffects,
  octokit: Octokit,
  run: Run,
  { key, marker, body }: MarkedComment,
): Promise<void> {
  const repository = repositoryOf(run.task.repository)
  await project(store, run.id, key, body, async (known) => {
    if (known !== null) {
      const updated = await updateComment(octokit, repository, Number(known), body)
      if (updated !== null) return known
    }
    const found = await findMarked(octokit, repository, run.task.number, { marker, authorId: identity.botId })
    if (found === null) {
      const created = await createComment(octokit, repository, run.task.number, body)
      crashPoint('comment-posted')
      return String(created.id)
    }
    if (found.body !== body) await updateComment(octokit, repository, found.id, body)
    return String(found.id)
  })
}
