/**
 * The check runs on a leg's head: one per stage, and one for the change set (CMD-8). A check says success only of the
 * head it stands on: what was reviewed or checked at an earlier head waits to be looked at again.
 */
import type { HeadSha } from '../contract/ids.ts'
import type { Verdict } from '../contract/report.ts'
import type { Instant, Leg, Run, Step } from '../pipeline/model.ts'
import type { LegHead, StepOutput } from '../pipeline/outputs.ts'
import { isAdopted } from '../pipeline/state.ts'
import { DEFAULT_THRESHOLD } from '../pipeline/steps/companion.ts'
import { type ActionView, stageActions } from './check-actions.ts'
import { type Annotation, annotationsOf } from './check-annotations.ts'
import { changeSetCheck } from './check-change-set.ts'
import { checkSummary } from './check-summary.ts'
import { checkTitle } from './check-title.ts'
import { clip } from './safe-text.ts'

export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'skipped' | 'action_required' | 'cancelled' | 'timed_out'

/** How far a check run is; a conclusion stands exactly with what is completed. */
export type CheckStanding = { status: 'queued' | 'in_progress' } | { status: 'completed'; conclusion: CheckConclusion }

/** A check run as it should stand on a head. */
export type CheckRunView = CheckStanding & {
  name: string
  /** The same for every rendering of this step of this run. With the head, it names the check run. */
  externalId: string
  title: string
  /** Markdown. */
  summary: string
  annotations: Annotation[]
  /** Buttons. */
  actions: ActionView[]
}

/** Longest title, in characters. */
const TITLE_MAX_CHARS = 120

/**
 * The check runs that belong on this leg's head now; none while it has no head. Stages that have not begun have none, nor
 * has the merge, which the change set's speaks for, nor what people settled before there was code: GitHub's writes are few.
 */
export function renderCheckRuns(run: Run, leg: Leg, now: Instant): CheckRunView[] {
  if (leg.head === null) return []
  const { head } = leg
  const steps = run.steps.filter((step) => step.config.enabled && step.epoch > 0 && concernsHeads(run, step))
  const stages = steps.map((step) => stageCheck(run, step, leg, head, now))
  return isAdopted(run, leg) ? stages : [...stages, changeSetCheck(run, leg)]
}

function concernsHeads(run: Run, step: Step): boolean {
  if (step.kind === 'merge') return false
  return (
    (step.kind !== 'approval' && step.kind !== 'questions') ||
    run.steps.indexOf(step) > run.steps.findIndex(({ kind }) => kind === 'agent')
  )
}

function stageCheck(run: Run, step: Step, leg: Leg, head: HeadSha, now: Instant): CheckRunView {
  const base = { name: `switchyard / ${step.id}`, externalId: `switchyard:${run.id}:step:${step.id}` }
  if (step.status.state === 'pending' || isOfEarlierHead(step, leg, head)) {
    const summary = 'The head has moved since this stage ended, or an earlier stage works again; it comes once more.'
    return { ...base, status: 'queued', title: 'Not looked at yet at this head', summary, annotations: [], actions: [] }
  }
  const rest = {
    title: clip(checkTitle(run, step, leg), TITLE_MAX_CHARS),
    summary: checkSummary(run, step, leg, now),
    annotations: annotationsOf(step, leg, run.legs.length === 1),
    actions: stageActions(run, step),
  }
  const conclusion = conclusionOf(step)
  return conclusion === null
    ? { ...base, status: 'in_progress', ...rest }
    : { ...base, status: 'completed', conclusion, ...rest }
}

/** A verdict and a gate's answer hold for the heads they were given for, and for no other (REP-6). */
function isOfEarlierHead(step: Step, leg: Leg, head: HeadSha): boolean {
  if (step.status.state !== 'done') return false
  const heads = step.output === null ? null : boundTo(step.output)
  return heads !== null && !heads.some((seen) => seen.leg === leg.key && seen.head === head)
}

/** The heads that a result is of; null where it speaks of none in particular. */
function boundTo(output: StepOutput): readonly LegHead[] | null {
  switch (output.kind) {
    case 'companion':
    case 'ci':
    case 'test':
    case 'validate':
    case 'conflicts':
    case 'review':
      return output.heads
    case 'agent':
      return output.verdict === null ? null : output.heads
    default:
      return null
  }
}

function conclusionOf(step: Step): CheckConclusion | null {
  const { status, output } = step
  switch (status.state) {
    case 'pending':
      return null
    case 'active':
      return status.wait.for === 'person' ? 'action_required' : null
    case 'done':
      return output === null ? 'success' : conclusionOfOutput(output)
    case 'skipped':
      return 'skipped'
    case 'cancelled':
      return 'cancelled'
    case 'failed':
      return failedConclusion(status.failure.cause)
  }
}

function failedConclusion(cause: string): CheckConclusion {
  if (cause === 'timeout-inactivity' || cause === 'timeout-duration') return 'timed_out'
  return cause === 'stopped' ? 'cancelled' : 'failure'
}

const HEALTH = { healthy: 'success', 'no-data': 'neutral', regressed: 'failure' } as const

/** What a person let pass is no success; a release without data is no health (GATE-8). */
function conclusionOfOutput(output: StepOutput): CheckConclusion {
  switch (output.kind) {
    case 'companion':
    case 'test':
      return output.by === 'person' ? 'neutral' : 'success'
    case 'validate':
      return output.checks.every(({ ok }) => ok) ? 'success' : 'neutral'
    case 'agent':
      return output.verdict === null || isGood(output.verdict) ? 'success' : 'failure'
    case 'release':
      return HEALTH[output.health]
    default:
      return 'success'
  }
}

/** Nobody decides on a reviewer's verdict but who reads it, so the check says at which a companion would send work back. */
function isGood({ rating, comments }: Verdict): boolean {
  return rating >= DEFAULT_THRESHOLD && !comments.some(({ severity }) => severity === 'high' || severity === 'critical')
}
