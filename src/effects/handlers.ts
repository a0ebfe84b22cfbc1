/** The registry of effects: one handler per kind. To add one, add a file and a line. */
import type { EffectHandlers } from '../engine/effects.ts'
import { answer } from './answer.ts'
import { askChecks } from './ask-checks.ts'
import { askPulls } from './ask-pulls.ts'
import { cancelJob } from './cancel-job.ts'
import type { ShowDependencies } from './dependencies.ts'
import { type EnqueueJobDependencies, enqueueJob } from './enqueue-job.ts'
import { finishIssue } from './finish-issue.ts'
import { mergePullEffect } from './merge-pull.ts'
import { openPulls } from './open-pulls.ts'
import { show } from './show.ts'

export interface EffectDependencies extends ShowDependencies, EnqueueJobDependencies {
  removeJob: Parameters<typeof cancelJob>[0]['removeJob']
}

const notYet = () => Promise.reject(new Error('not there yet'))

export function effectHandlers(dependencies: EffectDependencies): EffectHandlers {
  return {
    'enqueue-job': enqueueJob(dependencies),
    'cancel-job': cancelJob(dependencies),
    'open-pulls': openPulls(dependencies),
    'ask-checks': askChecks(dependencies),
    'ask-pulls': askPulls(dependencies),
    'merge-pull': mergePullEffect(dependencies),
    'rerun-checks': notYet,
    'ask-reviews': notYet,
    'answer-threads': notYet,
    'file-ticket': notYet,
    'create-deployments': notYet,
    'ask-deployments': notYet,
    'ask-release': notYet,
    'open-reverts': notYet,
    show: show(dependencies),
    answer: answer(dependencies),
    'finish-issue': finishIssue(dependencies),
  }
}
