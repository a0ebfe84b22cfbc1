import type { StepId } from '../../contract/ids.ts'
import type { Octokit } from '../../github/octokit.ts'
import type { Run, Step } from '../../pipeline/model.ts'
import { renderNotNeeded, renderWholeText, WHOLE_MAX_PARTS, wholeTextMarker } from '../../render/whole-text.ts'
import { getProjection } from '../../store/projections.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { showMarkedComment } from './marked-comment.ts'

function keyOf(step: StepId, part: number): string {
  return `whole:${step}/${part}`
}

/** Plans and documents that are too long for the status comment, each in comments of its own, edited in place. */
export async function showWholeTexts(dependencies: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  for (const step of run.steps) {
    if (!mayBeLong(step)) continue
    const parts = renderWholeText(run, step)
    for (let part = 1; part <= WHOLE_MAX_PARTS; part += 1) {
      const key = keyOf(step.id, part)
      const shown =
        parts[part - 1] ?? ((await getProjection(dependencies.store.db, run.id, key)) && renderNotNeeded(run, step, part))
      if (shown === null) break
      await showMarkedComment(dependencies, octokit, run, {
        key,
        marker: wholeTextMarker(run.id, step.id, part),
        body: dependencies.redactor.redact(shown),
      })
    }
  }
}

/** Where the long texts begin, by step. */
export async function wholeUrls({ store }: Pick<ShowDependencies, 'store'>, run: Run): Promise<Record<string, string>> {
  const urls: Record<string, string> = {}
  for (const step of run.steps) {
    const shown = mayBeLong(step) ? await getProjection(store.db, run.id, keyOf(step.id, 1)) : null
    if (shown?.externalId != null) urls[step.id] = `${run.task.url}#issuecomment-${shown.externalId}`
  }
  return urls
}

function mayBeLong({ output }: Step): boolean {
  return output?.kind === 'plan' || output?.kind === 'artefact'
}
