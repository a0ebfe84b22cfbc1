import type { Leg, Run } from '../pipeline/model.ts'
import { makesCode } from '../pipeline/shape.ts'
import { changeSetActions } from './check-actions.ts'
import type { CheckRunView, CheckStanding } from './check-run.ts'
import { joinWithin } from './check-summary.ts'
import { legsInOrder, pullLink, pullState } from './pull-lines.ts'

/** The name of the check run that branch protection can require (CS-4). */
export const CHANGE_SET_CHECK = 'switchyard / change set'

/** The check run of the whole change set: success only when every leg is ready. The same on every head. */
export function changeSetCheck(run: Run, leg: Leg): CheckRunView {
  const legs = legsInOrder(run).filter(({ dropped }) => !dropped)
  const missing = legs.filter((one) => !isReady(run, one))
  const waiting = stepsBefore(run).map((step) => step.id)
  const over = run.status.state === 'failed' || run.status.state === 'stopped'
  const ready = legs.length > 0 && missing.length === 0 && waiting.length === 0 && !over
  const order = legs.map(
    (one, index) =>
      `${index + 1}. ${pullLink(one)} · ${one.role} · ${pullState(run, one)}${one.key === leg.key ? ' · this one' : ''}`,
  )
  const lines = [
    'Merged together, in this order:',
    order.join('\n'),
    waiting.length === 0 ? '' : `Still to come: ${waiting.join(', ')}.`,
    `Task: [${run.task.repository}#${run.task.number}](${run.task.url})`,
  ]
  return {
    name: CHANGE_SET_CHECK,
    externalId: `switchyard:${run.id}:change-set`,
    ...standing(run, ready),
    title: titleOf(run, ready, legs.length, missing.length),
    summary: joinWithin(lines.filter((line) => line !== '')),
    annotations: [],
    actions: changeSetActions(run, leg),
  }
}

/** Steps that must be over before anything is merged. What stands after the merge keeps nothing waiting. */
function stepsBefore(run: Run) {
  const merge = run.steps.findIndex(({ kind }) => kind === 'merge')
  const before = merge === -1 ? run.steps : run.steps.slice(0, merge)
  return before.filter(({ status }) => status.state !== 'done' && status.state !== 'skipped')
}

/** A leg is ready when its head is the one that was checked and, where the pipeline has these steps, reviewed. */
function isReady(run: Run, leg: Leg): boolean {
  if (leg.pull?.state === 'merged') return true
  if (leg.pull?.state !== 'open' || leg.head === null) return false
  const needs = (kind: string) => run.steps.some((step) => step.kind === kind && step.status.state !== 'skipped')
  if (needs('ci') && leg.checkedSha !== leg.head) return false
  return !run.steps.some((_, index) => reviewsCode(run, index)) || leg.reviewedSha === leg.head
}

/** A companion of what an agent pushed; one of a document or a plan says nothing about heads. */
function reviewsCode({ steps }: Run, index: number): boolean {
  const [producer, step] = [steps[index - 1], steps[index]]
  if (step?.kind !== 'companion' || step.status.state === 'skipped' || producer === undefined) return false
  return makesCode(producer.config)
}

function standing(run: Run, ready: boolean): CheckStanding {
  if (ready) return { status: 'completed', conclusion: 'success' }
  switch (run.status.state) {
    case 'failed':
      return { status: 'completed', conclusion: 'failure' }
    case 'stopped':
      return { status: 'completed', conclusion: 'cancelled' }
    case 'done':
      return { status: 'completed', conclusion: 'neutral' }
    case 'queued':
    case 'active':
    case 'paused':
      return { status: 'in_progress' }
  }
}

function titleOf(run: Run, ready: boolean, all: number, missing: number): string {
  const pulls = all === 1 ? 'The pull request is' : `All ${all} pull requests are`
  if (ready) return `${pulls} ready`
  if (run.status.state === 'failed') return 'The run failed'
  if (run.status.state === 'stopped') return 'The run was stopped'
  return missing === 0 ? 'Stages are still to come' : `${all - missing} of ${all} pull requests ready`
}
