import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import { updatePull } from '../../github/pull-requests.ts'
import { contentHash } from '../../pipeline/hash.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { isAdopted } from '../../pipeline/state.ts'
import { renderPullRequest } from '../../render/pull-request.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { pullTemplate } from '../pull-template.ts'
import { project } from './projector.ts'

/** The projection under which a pull request's body is kept. */
export function pullBodyKey(leg: Leg['key']): string {
  return `pull-body/${leg}`
}

/** What a body tells, apart from the template it is filled into. */
function bodyTold(run: Run, leg: Leg): string {
  return renderPullRequest({ run, leg, template: null }).body
}

/** The digest of a body that GitHub has already, so that the same is not written again. */
export function pullBodyDigest(run: Run, leg: Leg): string {
  return contentHash(bodyTold(run, leg))
}

/** Title and body of every pull request as they should stand now: linked to one another, with live state (CS-1). */
export async function showPullBodies({ store, redactor }: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  for (const leg of run.legs) {
    if (leg.pull === null || isAdopted(run, leg)) continue
    const { number } = leg.pull
    const repository = repositoryOf(leg.repository)
    // Reading the template costs a request or three, so it is read only when there is something to write into it.
    await project(store, run.id, pullBodyKey(leg.key), bodyTold(run, leg), async () => {
      const { body } = renderPullRequest({ run, leg, template: await pullTemplate(octokit, repository) })
      await updatePull(octokit, repository, number, { body: redactor.redact(body) })
      return String(number)
    })
  }
}
