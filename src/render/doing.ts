/** What goes on, and what is waited for, in a word or two. */
import { z } from 'zod'
import type { Run, Wait } from '../pipeline/model.ts'
import { activeStep, awaitedJobs, shownState } from '../pipeline/state.ts'

/** A step that is being worked on or waited for. */
export type ActiveStep = NonNullable<ReturnType<typeof activeStep>>

/** The run's state in a word or two. */
export function wordOf(run: Run): string {
  const { status } = run
  if (status.state === 'done') return { merged: 'merged', ready: 'ready', 'nothing-to-do': 'nothing to do' }[status.outcome]
  // Somebody's decision is no fault of anything.
  if (status.state === 'failed' && status.failure.cause === 'rejected') return 'rejected'
  const active = activeStep(run)
  const shown = shownState(run)
  // A run that waits while it is paused waits for somebody to say what becomes of a closed pull request.
  if (shown === 'waiting') return status.state === 'paused' ? 'needs you' : waitingWord(active?.status.wait)
  if (shown === 'running' && active !== null) return doing(active)
  return shown
}

function waitingWord(wait: Wait | undefined): string {
  switch (wait?.for) {
    case 'person':
      return 'needs you'
    case 'checks':
      return 'waiting for checks'
    case 'outside':
      return OUTSIDE_WORDS[wait.what]
    case 'retry':
      return 'trying again soon'
    default:
      return 'waiting for GitHub'
  }
}

/** What happens outside, and is waited for. */
export const OUTSIDE_WORDS = {
  review: 'waiting for review',
  deployment: 'waiting for the deployment',
  release: 'watching the release',
} as const satisfies Record<Extract<Wait, { for: 'outside' }>['what'], string>

const Fixing = z.looseObject({ phase: z.literal('fixing') })

/** What an active step does, as a word that can begin a sentence. */
export function doing(step: ActiveStep): string {
  const agentWorks = awaitedJobs(step.status.wait).length > 0
  switch (step.kind) {
    case 'plan':
      return 'planning'
    case 'estimate':
      return 'estimating'
    case 'questions':
      return 'reading the task'
    case 'investigate':
      return 'looking for the cause'
    case 'document':
      return 'writing'
    case 'parallel':
      return 'exploring'
    case 'agent':
      if (!agentWorks) return 'opening pull requests'
      return step.config.mode === 'explore' ? 'exploring' : 'coding'
    case 'companion':
      return 'reviewing'
    case 'test':
      return Fixing.safeParse(step.data).success ? 'fixing' : 'testing'
    case 'validate':
      return 'validating'
    case 'conflicts':
      return agentWorks ? 'resolving conflicts' : 'looking for conflicts'
    case 'ci':
      return agentWorks ? 'fixing' : 'checking'
    case 'review':
      return agentWorks ? 'answering the review' : 'looking at the review'
    case 'deploy':
      return 'deploying'
    case 'release':
      return agentWorks ? 'looking into the regression' : 'looking at the release'
    case 'ticket':
      return 'filing an issue'
    case 'workflow':
      return 'running the workflow'
    case 'merge':
      return agentWorks ? 'assessing the change' : 'merging'
    default:
      return 'working'
  }
}
