import type { StepId } from '../../contract/ids.ts'
import type { Octokit } from '../../github/octokit.ts'
import type { Run } from '../../pipeline/model.ts'
import { questionsMarker, renderQuestionsComment } from '../../render/questions-comment.ts'
import { getProjection } from '../../store/projections.ts'
import type { ShowDependencies } from '../dependencies.ts'
import { showMarkedComment } from './marked-comment.ts'

/** The projection under which a step's questions comment is kept. */
export function questionsComment(step: StepId): string {
  return `questions:${step}`
}

/** The questions of each step that asks, in one comment each (STP-4); none before it asks for the first time. */
export async function showQuestionsComments(dependencies: ShowDependencies, octokit: Octokit, run: Run): Promise<void> {
  for (const step of run.steps) {
    const body = renderQuestionsComment(run, step)
    if (body === null) continue
    await showMarkedComment(dependencies, octokit, run, {
      key: questionsComment(step.id),
      marker: questionsMarker(run.id, step.id),
      body: dependencies.redactor.redact(body),
    })
  }
}

/** Where the questions of the step that asks now are; null while they are not posted. */
export async function questionsUrl({ store }: Pick<ShowDependencies, 'store'>, run: Run): Promise<string | null> {
  const step = run.steps.find(({ kind, status }) => kind === 'questions' && status.state === 'active')
  const shown = step === undefined ? null : await getProjection(store.db, run.id, questionsComment(step.id))
  return shown?.externalId == null ? null : `${run.task.url}#issuecomment-${shown.externalId}`
}
