import { crashPoint } from '../../contract/crash-point.ts'
import { putCheck } from '../../github/checks.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { CHANGE_SET_CHECK } from '../../render/check-change-set.ts'
import { type CheckRunView, renderCheckRuns } from '../../render/check-run.ts'
import { getProjection } from '../../store/projections.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { project } from './projector.ts'

/** A check run per stage, and one for the change set, on the head of every pull request (CMD-8). */
export async function showCheckRuns(dependencies: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  for (const leg of run.legs) {
    if (leg.pull === null || leg.head === null) continue
    for (const view of renderCheckRuns(run, leg, dependencies.now())) await showCheck(dependencies, octokit, run, leg, view)
  }
}

/** Before the digest of a check that came to its end and asks nobody for anything. */
const SETTLED = 'settled:'

/**
 * What came out at a head stays true of it while a stage works again: its check is written anew with the next conclusion,
 * or on the next head. One that asked for something, or failed, is taken back at once; so is one that somebody reran.
 */
function isSettled(view: CheckRunView): boolean {
  if (view.status !== 'completed' || view.name === CHANGE_SET_CHECK || view.actions.length > 0) return false
  return ['success', 'neutral', 'skipped'].includes(view.conclusion)
}

/** The projection under which a check run is kept. */
export function checkKey(externalId: string, leg: Leg['key'], head: string): string {
  return `check/${externalId}/${leg}/${head}`
}

async function showCheck(
  { store, identity, redactor, runUrl }: ShowDependencies,
  octokit: Octokit,
  run: Run,
  leg: Leg,
  view: CheckRunView,
) {
  const { head } = leg
  if (head === null) return
  const key = checkKey(view.externalId, leg.key, head)
  const standing = view.status === 'completed' ? view.conclusion : view.status
  // A stage that has not ended at this head is told by the status comment; its check is created once, with its conclusion.
  if (view.status !== 'completed' && view.name !== CHANGE_SET_CHECK) {
    const shown = await getProjection(store.db, run.id, key)
    if (shown === null || shown.digest.startsWith(SETTLED)) return
  }
  // How far it is changes often; only a conclusion, or the way to one, is worth a write.
  const { actions, title, annotations } = view
  const content = view.status === 'completed' ? { standing, title, annotations, actions } : { standing, actions }
  const put = async (shown: string | null) => {
    const { name, externalId } = view
    const state = view.status === 'completed' ? { status: view.status, conclusion: view.conclusion } : { status: view.status }
    const url = runUrl(run.id)
    const check = await putCheck(octokit, repositoryOf(leg.repository), identity.appId, {
      name,
      head,
      externalId,
      state,
      title: redactor.redact(title),
      summary: redactor.redact(view.summary),
      annotations: annotations.map((annotation) => ({ ...annotation, message: redactor.redact(annotation.message) })),
      // Only what may have had buttons needs to be told that it has none.
      ...(actions.length === 0 && shown === null ? {} : { actions }),
      ...(url === null ? {} : { detailsUrl: url }),
    })
    crashPoint('check-run-created')
    return String(check.id)
  }
  await project(store, run.id, key, content, put, isSettled(view) ? SETTLED : '')
}
