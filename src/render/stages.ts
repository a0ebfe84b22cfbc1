import { describeStep } from '../pipeline/describe.ts'
import type { Instant, Run, Step } from '../pipeline/model.ts'
import { formatDuration } from './duration.ts'
import { causeText } from './failure-text.ts'
import { formatUsd } from './money.ts'
import { safeLine } from './safe-text.ts'

/** One row of the stage table. Marks differ in shape, so that they can be told apart without colour. */
export interface StageRow {
  mark: '✓' | '●' | '○' | '✗' | '–'
  names: string[]
  /** Markdown, in one line. */
  detail: string
  /** Time and cost, where known. */
  spent: string
}

const DETAIL_MAX_CHARS = 200

/** A step's name for people. */
export function stepName(step: Step): string {
  if (step.id === 'ci') return 'Checks'
  const words = step.id.replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** How long a step was worked on or waited for, in ms. */
export function timeOf(step: Step, now: Instant): number {
  return step.spentMs + (step.startedAt !== null && step.endedAt === null ? now - step.startedAt : 0)
}

/** The stages as rows; those at the end that have not begun share one. Stages switched off are left out. */
export function stageRows(run: Run, now: Instant): StageRow[] {
  const steps = run.steps.filter((step) => step.config.enabled)
  const lastBegun = steps.findLastIndex((step) => step.status.state !== 'pending' || step.epoch > 0)
  const rows = joinAlike(steps.slice(0, lastBegun + 1).map((step) => row(run, step, now)))
  const rest = steps.slice(lastBegun + 1)
  const [first, ...others] = rest
  if (first === undefined) return rows
  rows.push({ mark: '○', names: [stepName(first)], detail: '', spent: '' })
  if (others.length > 0) rows.push({ mark: '○', names: others.map(stepName), detail: '', spent: '' })
  return rows
}

/** Neighbours that were left out for the same reason, as one row. */
function joinAlike(rows: StageRow[]): StageRow[] {
  const joined: StageRow[] = []
  for (const next of rows) {
    const last = joined.at(-1)
    const alike = last?.mark === '–' && next.mark === '–' && last.detail === next.detail && last.spent === next.spent
    if (alike) joined[joined.length - 1] = { ...last, names: [...last.names, ...next.names] }
    else joined.push(next)
  }
  return joined
}

function row(run: Run, step: Step, now: Instant): StageRow {
  return { mark: markOf(step), names: [stepName(step)], detail: detailOf(run, step), spent: spentOf(step, now) }
}

function markOf(step: Step): StageRow['mark'] {
  switch (step.status.state) {
    case 'done':
      return '✓'
    case 'active':
      return '●'
    case 'pending':
      return '○'
    case 'failed':
      return '✗'
    case 'skipped':
    case 'cancelled':
      return '–'
  }
}

function detailOf(run: Run, step: Step): string {
  const { status } = step
  const described = safeLine(describeStep(run, step), DETAIL_MAX_CHARS)
  switch (status.state) {
    case 'active':
      return [waitWords(step), described].filter((part) => part !== '').join(', ')
    case 'skipped':
      return `skipped: ${safeLine(status.why, DETAIL_MAX_CHARS)}`
    case 'cancelled':
      return 'cancelled'
    case 'failed':
      return causeText(status.failure.cause).what.replace(/\.$/, '')
    case 'pending':
      return described === '' ? 'again, later' : `${described}, again later`
    case 'done':
      return described
  }
}

function waitWords(step: Step): string {
  if (step.status.state !== 'active') return ''
  const { wait } = step.status
  switch (wait.for) {
    case 'job':
      return step.kind === 'ci' ? '' : 'working'
    case 'effect':
      return ''
    case 'jobs':
      return 'working'
    case 'outside':
      return { review: 'waiting for review', deployment: 'waiting for the deployment', release: 'watching the release' }[
        wait.what
      ]
    case 'retry':
      return 'trying again soon'
    case 'checks':
      return 'waiting for checks'
    case 'mergeability':
      return 'waiting for GitHub'
    case 'person':
      return wait.escalated ? 'still waiting for a maintainer' : 'waiting for a maintainer'
  }
}

function spentOf(step: Step, now: Instant): string {
  if (step.startedAt === null) return ''
  const time = formatDuration(timeOf(step, now))
  return step.usage.costUsd === undefined ? time : `${time} · ${formatUsd(step.usage.costUsd)}`
}
