import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { updatePull } from '../../github/pull-requests.ts'
import type { Run } from '../../pipeline/model.ts'
import { isAdopted } from '../../pipeline/state.ts'
import { renderPullRequest } from '../../render/pull-request.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { pullTemplate } from '../pull-template.ts'
import { project } from './projector.ts'

/** Title and body of every pull request as they should stand now: linked to one another, with live state (CS-1). */
export async function showPullBodies({ store, redactor }: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  for (const leg of run.legs) {
    if (leg.pull === null || isAdopted(run, leg)) continue
    const { number } = leg.pull
    const repository = repositoryOf(leg.repository)
    // Reading the template costs a request or three, so it is read only when there is something to write into it.
    const { body: told } = renderPullRequest({ run, leg, template: null })
    await project(store, run.id, `pull-body/${leg.key}`, told, async () => {
      const { body } = renderPullRequest({ run, leg, template: await pullTemplate(octokit, repository) })
      await updatePull(octokit, repository, number, { body: redactor.redact(body) })
      return String(number)
    })
  }
}
