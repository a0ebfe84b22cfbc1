/**
 * The check runs on a leg's head: one per stage, and one for the change set (CMD-8). A check says success only of the
 * head it stands on: what was reviewed or checked at an earlier head waits to be looked at again.
 */
import type { HeadSha } from '../contract/ids.ts'
import { describeStep } from '../pipeline/describe.ts'
import type { Instant, Leg, Run, Step } from '../pipeline/model.ts'
import { type Annotation, annotationsOf } from './check-annotations.ts'
import { changeSetCheck } from './check-change-set.ts'
import { checkSummary } from './check-summary.ts'
import { causeText } from './failure-text.ts'
import { count, countRepositories } from './money.ts'
import { clip, safeTitle } from './safe-text.ts'
import { verdictOfStep } from './verdict.ts'

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
}

/** Longest title, in characters. */
const TITLE_MAX_CHARS = 120

/**
 * The check runs that belong on this leg's head now; none while it has no head. Stages that have not begun have none, nor
 * has the merge, which the change set's speaks for, nor an approval from before there was code: GitHub's writes are few.
 */
export function renderCheckRuns(run: Run, leg: Leg, now: Instant): CheckRunView[] {
  if (leg.head === null) return []
  const { head } = leg
  const steps = run.steps.filter((step) => step.config.enabled && step.epoch > 0 && concernsHeads(run, step))
  return [...steps.map((step) => stageCheck(run, step, leg, head, now)), changeSetCheck(run, leg)]
}

function concernsHeads(run: Run, step: Step): boolean {
  if (step.kind === 'merge') return false
  return step.kind !== 'approval' || run.steps.indexOf(step) > run.steps.findIndex(({ kind }) => kind === 'agent')
}

function stageCheck(run: Run, step: Step, leg: Leg, head: HeadSha, now: Instant): CheckRunView {
  const base = { name: `switchyard / ${step.id}`, externalId: `switchyard:${run.id}:step:${step.id}` }
  if (step.status.state === 'pending' || isOfEarlierHead(step, leg, head)) {
    const summary = 'The head has moved since this stage ended, or an earlier stage works again; it comes once more.'
    return { ...base, status: 'queued', title: 'Not looked at yet at this head', summary, annotations: [] }
  }
  const rest = {
    title: clip(titleOf(run, step, leg), TITLE_MAX_CHARS),
    summary: checkSummary(run, step, leg, now),
    annotations: annotationsOf(verdictOfStep(step), leg, run.legs.length === 1),
  }
  const conclusion = conclusionOf(step)
  return conclusion === null
    ? { ...base, status: 'in_progress', ...rest }
    : { ...base, status: 'completed', conclusion, ...rest }
}

/** A verdict and a gate's answer hold for the heads they were given for, and for no other (REP-6). */
function isOfEarlierHead(step: Step, leg: Leg, head: HeadSha): boolean {
  if (step.status.state !== 'done') return false
  if (step.output?.kind !== 'companion' && step.output?.kind !== 'ci') return false
  return !step.output.heads.some((seen) => seen.leg === leg.key && seen.head === head)
}

function conclusionOf(step: Step): CheckConclusion | null {
  const { status, output } = step
  switch (status.state) {
    case 'pending':
      return null
    case 'active':
      return status.wait.for === 'person' ? 'action_required' : null
    case 'done':
      return output?.kind === 'companion' && output.by === 'person' ? 'neutral' : 'success'
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

function titleOf(run: Run, step: Step, leg: Leg): string {
  const { status } = step
  switch (status.state) {
    case 'pending':
      return 'Not begun'
    case 'active':
      return activeTitle(run, step)
    case 'skipped':
      return `Skipped: ${safeTitle(status.why, TITLE_MAX_CHARS)}`
    case 'cancelled':
      return 'Cancelled'
    case 'failed':
      return causeText(status.failure.cause).what.replace(/\.$/, '')
    case 'done':
      return doneTitle(run, step, leg)
  }
}

function activeTitle(run: Run, step: Step): string {
  if (step.status.state === 'active' && step.status.wait.for === 'person') return 'Waits for a person'
  const detail = safeTitle(describeStep(run, step), TITLE_MAX_CHARS)
  return detail === '' ? 'At work' : `At work: ${detail}`
}

function doneTitle(run: Run, step: Step, leg: Leg): string {
  const { output } = step
  switch (output?.kind) {
    case 'plan':
      return `Plan ${output.hash} for ${countRepositories(output.plan.repositories.filter(({ role }) => role !== 'reference').length)}`
    case 'approval':
      return `Plan ${output.hash} approved by ${safeTitle(output.by, 60)}`
    case 'agent':
      return output.mode === 'explore' ? 'Explored, nothing changed' : `${count(leg.changedFiles, 'file')} changed`
    case 'companion': {
      const comments = output.verdict.comments.length
      const remarks = comments === 0 ? 'nothing to add' : count(comments, 'comment')
      const how = output.by === 'person' ? 'Accepted by a person' : 'Accepted'
      return `${how}, rated ${output.verdict.rating}, ${remarks}`
    }
    case 'ci':
      return output.fixes === 0
        ? `${count(output.checks, 'check')} green`
        : `${count(output.checks, 'check')} green after ${output.fixes === 1 ? '1 fix' : `${output.fixes} fixes`}`
    case 'merge':
      return 'Merged'
    default:
      return safeTitle(describeStep(run, step), TITLE_MAX_CHARS) || 'Done'
  }
}
