import { describeStep } from '../pipeline/describe.ts'
import type { Instant, Run, Step, Wait } from '../pipeline/model.ts'
import { SWITCHYARD } from '../pipeline/turn.ts'
import { OUTSIDE_WORDS } from './doing.ts'
import { formatDuration, formatMoment } from './duration.ts'
import { causeText } from './failure-text.ts'
import { deploymentLines, ticketLink } from './made-sections.ts'
import { formatUsd } from './money.ts'
import { safeLine } from './safe-text.ts'
import { stepName } from './step-name.ts'

/** One row of the stage table. Marks differ in shape, so that they can be told apart without colour. */
export interface StageRow {
  mark: '✓' | '●' | '○' | '✗' | '–'
  names: string[]
  /** The mark and what the lead above has said already, in a few words: for who cannot see the mark. Markdown, in one line. */
  state: string
  /** More of it, where nothing else says it. Markdown, in one line. */
  detail: string
  /** Time and cost, where known. */
  spent: string
  /** Since when it is worked on or waited for, and what it cost before; empty for what is not active. */
  since: string
}

const DETAIL_MAX_CHARS = 200
/** Kinds that say themselves what their agent does. */
const DESCRIBE_THEMSELVES: readonly string[] = ['ci', 'test', 'validate', 'conflicts', 'review', 'release']

const TO_COME = { mark: '○', state: 'to come', detail: '', spent: '', since: '' } as const

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
  rows.push({ ...TO_COME, names: [stepName(first)] })
  if (others.length > 0) rows.push({ ...TO_COME, names: others.map(stepName) })
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
  return {
    mark: markOf(step),
    names: [stepName(step)],
    state: stateOf(run, step),
    detail: detailOf(run, step),
    spent: spentOf(step, now),
    since: sinceOf(step, now),
  }
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

/** Of what is active or has failed the lead tells the rest. */
function stateOf(run: Run, step: Step): string {
  switch (step.status.state) {
    case 'active': {
      const words = run.status.state === 'paused' ? 'paused' : waitWords(step)
      const described = safeLine(describeStep(run, step), DETAIL_MAX_CHARS)
      return words === '' ? described || 'working' : words
    }
    case 'done':
      return ['done', detailOf(run, step)].filter((part) => part !== '').join(' · ')
    case 'failed':
      return step.status.failure.cause === 'rejected' ? 'rejected' : 'failed'
    case 'pending':
      return ['again later', safeLine(describeStep(run, step), DETAIL_MAX_CHARS)].filter((part) => part !== '').join(' · ')
    case 'skipped':
    case 'cancelled':
      return detailOf(run, step)
  }
}

function detailOf(run: Run, step: Step): string {
  const { status } = step
  const described = safeLine(describeStep(run, step), DETAIL_MAX_CHARS)
  switch (status.state) {
    case 'active':
      if (run.status.state === 'paused') return described === '' ? 'paused' : `paused, ${described}`
      return [waitWords(step), described].filter((part) => part !== '').join(', ')
    case 'skipped':
      return skippedWords(status)
    case 'cancelled':
      return 'cancelled'
    case 'failed':
      return causeText(status.failure.cause).what.replace(/\.$/, '')
    case 'pending':
      return described === '' ? 'again, later' : `${described}, again later`
    case 'done':
      return linked(run, step) ?? described
  }
}

/** A step that a person left out says who; one with nothing to do says why. */
function skippedWords({ by, why }: { by: string; why: string }): string {
  const words = safeLine(why, DETAIL_MAX_CHARS)
  return by === SWITCHYARD || why === `skipped by ${by}` ? `skipped: ${words}` : `skipped by ${safeLine(by, 100)}: ${words}`
}

/** What a step made outside, as links; null where it made nothing of the kind. */
function linked(run: Run, { output }: Step): string | null {
  if (output?.kind === 'ticket') return ticketLink(output)
  return output?.kind === 'deploy' && output.deployments.length > 0 ? deploymentLines(run, output).join(', ') : null
}

function waitWords(step: Step): string {
  if (step.status.state !== 'active') return ''
  const { wait } = step.status
  switch (wait.for) {
    case 'job':
      return DESCRIBE_THEMSELVES.includes(step.kind) ? '' : 'working'
    case 'effect':
    case 'calls':
      return ''
    case 'jobs':
      return 'working'
    case 'outside':
      return OUTSIDE_WORDS[wait.what]
    case 'retry':
      return `trying again: ${causeText(wait.failure.cause).what.replace(/\.$/, '')}`
    case 'checks':
      return 'waiting for checks'
    case 'mergeability':
      return 'waiting for GitHub'
    case 'person':
      return `${wait.escalated ? 'still waiting' : 'waiting'} for ${personWords(wait.what)}`
  }
}

function personWords(what: Extract<Wait, { for: 'person' }>['what']): string {
  if (what === 'answers') return 'answers'
  if (what === 'checkpoint') return 'an answer'
  return what === 'decision' ? 'a decision' : 'a person'
}

function spentOf(step: Step, now: Instant): string {
  if (step.startedAt === null) return ''
  const time = formatDuration(timeOf(step, now))
  return step.usage.costUsd === undefined ? time : `${time} · ${formatUsd(step.usage.costUsd)}`
}

/** A length of time would be old as soon as it is read: nobody edits the comment while nothing happens. */
function sinceOf(step: Step, now: Instant): string {
  if (step.status.state !== 'active' || step.startedAt === null) return ''
  const moment = `since ${formatMoment(step.startedAt, now)}`
  return step.usage.costUsd === undefined ? moment : `${moment} · ${formatUsd(step.usage.costUsd)}`
}
