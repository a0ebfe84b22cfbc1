import { budgetName, leastRaise } from '../pipeline/budget.ts'
import { describeStep } from '../pipeline/describe.ts'
import type { Run, Step, Wait } from '../pipeline/model.ts'
import { RETRY_POLICIES } from '../pipeline/retry-policy.ts'
import { activeStep, changedLegs, isLive } from '../pipeline/state.ts'
import { askedNow } from '../pipeline/steps/workflow-checkpoint.ts'
import { type ActiveStep, doing } from './doing.ts'
import { formatDuration, formatMoment } from './duration.ts'
import { causeText } from './failure-text.ts'
import { endLead } from './lead-end.ts'
import { personLead } from './lead-person.ts'
import { formatUsd } from './money.ts'
import { legsInOrder, pullLink } from './pull-lines.ts'
import { safeLine } from './safe-text.ts'
import type { StatusInput } from './status-input.ts'
import { stepName } from './step-name.ts'

const DETAIL_MAX_CHARS = 400

/** The first words under the heading: what the reader is to do, or else what goes on. */
export function leadOf(input: StatusInput): string {
  const { run, blockedUntil, now } = input
  const lead = `${stateLead(input)}${nearWords(run)}`
  if (!isLive(run) || !blockedUntil || blockedUntil <= now) return lead
  return `${lead} **GitHub's rate limit is used up** until ${formatMoment(blockedUntil, now)}; what needs GitHub goes on by itself then.`
}

function stateLead(input: StatusInput): string {
  const { run } = input
  switch (run.status.state) {
    case 'queued':
      return queuedLead(input)
    case 'active': {
      const active = activeStep(run)
      return active === null ? 'Between two steps.' : activeLead(input, active)
    }
    case 'paused':
      return pausedLead(run)
    case 'done':
    case 'failed':
    case 'stopped':
      return endLead(run, input.now)
  }
}

function pausedLead(run: Run): string {
  const { status, settings } = run
  if (status.state !== 'paused') return ''
  const { prefix } = settings
  const by = safeLine(status.by, 100)
  const why = safeLine(status.why, DETAIL_MAX_CHARS).replace(/\.$/, '')
  const active = activeStep(run)
  const at = active === null ? '' : ` It stands at *${stepName(active)}*; what was pushed is kept.`
  switch (status.cause) {
    case 'pull-closed':
      return `**Decide how to go on:** ${why}, by ${by}. Open it again to go on with it; \`${prefix} resume\` goes on without that repository; \`${prefix} stop\` ends the run.`
    case 'budget':
      return `**Paused**: ${why}.${at} ${howToPay(run)}`
    case 'installation':
      return `**Paused**: ${why}.${at} It goes on when Switchyard has access again, with \`${prefix} resume\`.`
    case 'person': {
      const said = why === '' || why === `paused by ${by}` ? '' : `: ${why}`
      return `**Paused** by ${by}${said}.${at} \`${prefix} resume\` goes on from here.`
    }
  }
}

/** That most of a budget is used, while the run goes on. */
function nearWords({ status, budget, settings: { prefix } }: Run): string {
  const stand = budget?.near ?? null
  if (status.state !== 'active' || stand === null) return ''
  const { usedUsd, limitUsd } = stand
  const more = stand.raisable ? ` \`${prefix} budget +5\` adds to it.` : ''
  return ` **Most of ${budgetName(stand)} is used**: ${formatUsd(usedUsd)} of ${formatUsd(limitUsd)}.${more}`
}

/** What brings a run on whose budget is used up, and whether anybody has to do it. */
function howToPay({ budget, settings: { prefix } }: Run): string {
  const stand = budget?.reached ?? null
  if (stand === null) return `\`${prefix} budget +5\` lets it spend $5 more, and goes on.`
  const monthly = ['repository', 'person', 'organisation'].includes(stand.scope)
  const byItself = monthly ? ' It goes on by itself next month.' : ''
  if (!stand.raisable) return `Only the owner of this deployment can raise that; \`${prefix} resume\` goes on then.${byItself}`
  return `\`${prefix} budget +${leastRaise(stand)}\` lets it spend that much more, and goes on from here.${byItself}`
}

const ORDINALS = ['Next', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth']

function queuedLead({ queue }: StatusInput): string {
  const byItself = 'It starts by itself; there is nothing to do.'
  if (queue === null) return `**Waiting for a free place.** ${byItself}`
  const place = `${ORDINALS[queue.place - 1] ?? `Number ${queue.place}`} in line`
  const estimate = queue.estimateMs === null ? '' : `, about ${formatDuration(queue.estimateMs)}`
  return `**${place}**${estimate}. ${byItself}`
}

function activeLead(input: StatusInput, step: ActiveStep): string {
  const { run, now } = input
  const { wait } = step.status
  // A length of time would be old as soon as it is read: nobody edits the comment while nothing happens.
  const since = step.startedAt === null ? '' : ` since ${formatMoment(step.startedAt, now)}`
  const detail = safeLine(describeStep(run, step), DETAIL_MAX_CHARS)
  const told = detail === '' ? '' : `: ${detail}`
  switch (wait.for) {
    case 'person':
      return `${personLead(input, step, wait.what)}${wait.escalated ? ' It has waited for long.' : ''}`
    case 'checks':
      return `**Waiting for checks** of ${pullList(run)}${since}${told}. Nothing is needed from you.`
    case 'mergeability':
      return `**Waiting until GitHub lets it merge**${since}${told}.`
    case 'outside':
      return outsideLead(run, wait.what, since, told)
    case 'retry':
      return retryLead(input, step, wait)
    case 'jobs':
    case 'job':
      return `**${upper(doing(step))}**${places(run, step)}${since}${progressWords(input)}. Nothing is needed from you.`
    case 'calls': {
      const asked = askedNow(step)
      const question =
        asked === null
          ? ''
          : ` It asks as well: ${safeLine(asked.text, DETAIL_MAX_CHARS)} \`${run.settings.prefix} answer\` and your words answer it.`
      return `**${upper(doing(step))}**${places(run, step)}${since}${told}.${asked === null ? ' Nothing is needed from you.' : question}`
    }
    case 'effect':
      return `**${upper(doing(step))}**${places(run, step)}. Nothing is needed from you.`
  }
}

function outsideLead(run: Run, what: Extract<Wait, { for: 'outside' }>['what'], since: string, told: string): string {
  switch (what) {
    case 'review':
      return `**Review** ${pullList(run)}${told}. Remarks are answered where they are made. It goes on by itself when the review is done.`
    case 'deployment':
      return `**Waiting for the deployment**${since}${told}. Nothing is needed from you.`
    case 'release':
      return `**Watching the release**${since}${told}. Nothing is needed from you.`
  }
}

/** When the next attempt is, why there is one, and how many are left (FAIL-2). */
function retryLead({ run, now }: StatusInput, step: Step, wait: Extract<Wait, { for: 'retry' }>): string {
  const { failure, until } = wait
  const { retry, prefix } = run.settings
  const own = ['same-session', 'fresh-session'].includes(RETRY_POLICIES[failure.cause])
  const [used, most] = own ? [step.retries.own, retry.cap] : [step.retries.infrastructure, retry.infrastructure]
  const message = safeLine(failure.message, DETAIL_MAX_CHARS)
  return `**Trying *${stepName(step)}* again** at ${formatMoment(until, now)}, for the ${ordinal(used)} time of ${most} by itself. ${causeText(failure.cause).what} ${message} \`${prefix} retry\` does it now.`
}

function ordinal(number: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth'][number - 1] ?? `${number}th`
}

/** Where it goes on; empty for what is done in no repository of the run. */
function places(run: Run, step: Step): string {
  if (step.kind === 'ticket') return ''
  const changed = changedLegs(run)
  const writes = step.kind === 'agent' ? run.legs.filter((leg) => leg.planned && leg.access === 'write') : changed
  const legs = writes.length === 0 ? run.legs : writes
  const [first, second, third] = legs.map((leg) => leg.repository)
  if (third !== undefined) return ` in ${legs.length} repositories`
  return ` in ${second === undefined ? (first ?? 'no repository') : `${first} and ${second}`}`
}

function pullList(run: Run): string {
  const links = legsInOrder(run)
    .filter(({ dropped, pull }) => !dropped && pull.state === 'open')
    .map(pullLink)
  return links.length === 0 ? 'the pull requests' : links.join(' and ')
}

function progressWords({ progress }: StatusInput): string {
  if (progress?.todosTotal === undefined || progress.todosTotal === 0) return ''
  return `: ${progress.todosDone ?? 0} of ${progress.todosTotal} to-dos`
}

function upper(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
