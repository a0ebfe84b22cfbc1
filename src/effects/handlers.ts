/** The registry of effects: one handler per kind. To add one, add a file and a line. */
import type { EffectHandlers } from '../engine/effects.ts'
import { type AdvanceDependencies, advanceWorkflow } from './advance-workflow.ts'
import { answer } from './answer.ts'
import { answerThreads } from './answer-threads.ts'
import { askChecks } from './ask-checks.ts'
import { askDeployments } from './ask-deployments.ts'
import { askPulls } from './ask-pulls.ts'
import { askRelease, type ReleaseDependencies } from './ask-release.ts'
import { askReviews } from './ask-reviews.ts'
import { cancelJob } from './cancel-job.ts'
import { cleanUp } from './clean-up.ts'
import { createDeployments } from './create-deployments.ts'
import type { ShowDependencies } from './dependencies.ts'
import { type EnqueueJobDependencies, enqueueJob } from './enqueue-job.ts'
import { fileFollowUp } from './file-follow-up.ts'
import { fileTicket } from './file-ticket.ts'
import { finishIssue } from './finish-issue.ts'
import { mergePullEffect } from './merge-pull.ts'
import { type NotifyDependencies, notify } from './notify.ts'
import { openPulls } from './open-pulls.ts'
import { openReverts } from './open-reverts.ts'
import { rerunChecks } from './rerun-checks.ts'
import { show } from './show.ts'
import { withdrawMerge } from './withdraw-merge.ts'

export interface EffectDependencies
  extends ShowDependencies,
    EnqueueJobDependencies,
    ReleaseDependencies,
    NotifyDependencies,
    AdvanceDependencies {
  removeJob: Parameters<typeof cancelJob>[0]['removeJob']
}

export function effectHandlers(dependencies: EffectDependencies): EffectHandlers {
  return {
    'enqueue-job': enqueueJob(dependencies),
    'cancel-job': cancelJob(dependencies),
    'advance-workflow': advanceWorkflow(dependencies),
    'open-pulls': openPulls(dependencies),
    'ask-checks': askChecks(dependencies),
    'ask-pulls': askPulls(dependencies),
    'merge-pull': mergePullEffect(dependencies),
    'rerun-checks': rerunChecks(dependencies),
    'ask-reviews': askReviews(dependencies),
    'answer-threads': answerThreads(dependencies),
    'file-ticket': fileTicket(dependencies),
    'file-follow-up': fileFollowUp(dependencies),
    'create-deployments': createDeployments(dependencies),
    'ask-deployments': askDeployments(dependencies),
    'ask-release': askRelease(dependencies),
    'open-reverts': openReverts(dependencies),
    'withdraw-merge': withdrawMerge(dependencies),
    show: show(dependencies),
    notify: notify(dependencies),
    answer: answer(dependencies),
    'finish-issue': finishIssue(dependencies),
    'clean-up': cleanUp(dependencies),
  }
}
