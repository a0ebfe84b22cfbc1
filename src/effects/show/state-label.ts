import { setStateLabel } from '../../github/labels.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { STATE_LABEL_PREFIX, stateLabel } from '../../render/state-label.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { project } from './projector.ts'

/** Exactly one state label, changed only when the state changes (CMD-9). */
export async function showStateLabel({ store }: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  const label = stateLabel(run)
  await project(store, run.id, 'state-label', label.name, async () => {
    await setStateLabel(octokit, repositoryOf(run.task.repository), run.task.number, label, STATE_LABEL_PREFIX)
    return null
  })
}
