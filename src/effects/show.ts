/** Brings what GitHub shows of a run up to date: questions, long texts, status comment, state label, pull-request bodies, check runs. */
import type { EffectHandler } from '../engine/effects.ts'
import type { ShowDependencies } from './dependencies.ts'
import { showCheckRuns } from './show/check-runs.ts'
import { showPullBodies } from './show/pull-bodies.ts'
import { showQuestionsComments } from './show/questions-comment.ts'
import { showReminder } from './show/reminder.ts'
import { showStateLabel } from './show/state-label.ts'
import { showStatusComment } from './show/status-comment.ts'
import { showWholeTexts } from './show/whole-texts.ts'

export function show(dependencies: ShowDependencies): EffectHandler<'show'> {
  return async (_effect, run) => {
    const { github } = dependencies
    const octokit = await github.installation(run.task.installationId)
    // The status comment links these, so they are posted first.
    await showQuestionsComments(dependencies, octokit, run)
    await showWholeTexts(dependencies, octokit, run)
    await showStatusComment(dependencies, octokit, run)
    await showReminder(dependencies, octokit, run)
    await showStateLabel(dependencies, octokit, run)
    await showPullBodies(dependencies, octokit, run)
    await showCheckRuns(dependencies, octokit, run)
    return null
  }
}
