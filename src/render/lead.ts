import { describeStep } from '../pipeline/describe.ts'
import type { Run, Step, Wait } from '../pipeline/model.ts'
import { activeStep, awaitedJobs, changedLegs, latestOutput, shownState } from '../pipeline/state.ts'
import { formatDuration, formatMoment } from './duration.ts'
import { endLead } from './lead-end.ts'
import { count, countRepositories } from './money.ts'
import { legsInOrder, pullLink } from './pull-lines.ts'
import { safeLine } from './safe-text.ts'
import type { StatusInput } from './status-input.ts'

const DETAIL_MAX_CHARS = 400

/** The run's state in a word or two. */
export function wordOf(run: Run): string {
  const { status } = run
  if (status.state === 'done') return { merged: 'merged', ready: 'ready', 'nothing-to-do': 'nothing to do' }[status.outcome]
  const active = activeStep(run)
  const shown = shownState(run)
  if (shown === 'waiting') return waitingWord(active?.status.wait)
  if (shown === 'running' && active !== null) return doing(active)
  return shown
}

function waitingWord(wait: Wait | undefined): string {
  if (wait?.for === 'person') return 'needs you'
  return wait?.for === 'checks' ? 'waiting for checks' : 'waiting for GitHub'
}

function doing(step: Step & { status: { state: 'active'; wait: Wait } }): string {
  const agentWorks = awaitedJobs(step.status.wait).length > 0
  switch (step.kind) {
    case 'plan':
      return 'planning'
    case 'agent':
      if (!agentWorks) return 'opening pull requests'
      return step.config.mode === 'explore' ? 'exploring' : 'coding'
    case 'companion':
      return 'reviewing'
    case 'ci':
      return agentWorks ? 'fixing' : 'checking'
    case 'merge':
      return 'merging'
    default:
      return 'working'
  }
}

/** The first words under the heading: what the reader is to do, or else what goes on. */
export function leadOf(input: StatusInput): string {
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

function pausedLead({ status, settings: { prefix } }: Run): string {
  if (status.state !== 'paused') return ''
  const why = safeLine(status.why, DETAIL_MAX_CHARS)
  return status.cause === 'pull-closed'
    ? `**Decide how to go on:** ${why} by ${safeLine(status.by, 100)}. Open it again to go on with it; \`${prefix} resume\` goes on without that repository; \`${prefix} stop\` ends the run.`
    : `**Paused** by ${safeLine(status.by, 100)}: ${why}. \`${prefix} resume\` goes on from here.`
}

const ORDINALS = ['Next', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth']

function queuedLead({ queue }: StatusInput): string {
  const byItself = 'It starts by itself; there is nothing to do.'
  if (queue === null) return `**Waiting for a free place.** ${byItself}`
  const place = `${ORDINALS[queue.place - 1] ?? `Number ${queue.place}`} in line`
  const estimate = queue.estimateMs === null ? '' : `, about ${formatDuration(queue.estimateMs)}`
  return `**${place}**${estimate}. ${byItself}`
}

function activeLead(input: StatusInput, step: Step & { status: { state: 'active'; wait: Wait } }): string {
  const { run, now } = input
  const { wait } = step.status
  const since =
    step.startedAt === null ? '' : `, ${formatDuration(now - step.startedAt)} since ${formatMoment(step.startedAt, now)}`
  const detail = safeLine(describeStep(run, step), DETAIL_MAX_CHARS)
  switch (wait.for) {
    case 'person':
      return `${personLead(run, wait.what, detail)}${wait.escalated ? ' It has waited for long.' : ''}`
    case 'checks':
      return `**Waiting for checks** of ${pullList(run)}${since}${detail === '' ? '' : `: ${detail}`}. Nothing is needed from you.`
    case 'mergeability':
      return `**Waiting until GitHub lets it merge**${since}${detail === '' ? '' : `: ${detail}`}.`
    case 'outside':
      return `**Waiting for ${{ review: 'review', deployment: 'the deployment', release: 'the release to prove itself' }[wait.what]}**${since}${detail === '' ? '' : `: ${detail}`}.`
    case 'retry':
      return `**Trying again** at ${formatMoment(wait.until, now)}: ${safeLine(wait.failure.message, DETAIL_MAX_CHARS)} \`${run.settings.prefix} retry\` does it now.`
    case 'jobs':
    case 'job':
      return `**${upper(doing(step))}** in ${places(run, step)}${since}${progressWords(input)}. Nothing is needed from you.`
    case 'effect':
      return `**${upper(doing(step))}** in ${places(run, step)}. Nothing is needed from you.`
  }
}

function personLead(run: Run, what: Extract<Wait, { for: 'person' }>['what'], detail: string): string {
  const { prefix } = run.settings
  switch (what) {
    case 'approve':
      return `**Approve the plan** to go on. ${planSize(run)} To have it changed, comment \`${prefix} changes\` and what should change; to drop it, \`${prefix} reject\`.`
    case 'cap':
      return `**Decide how to go on.** The review still asks for changes (${detail}). To say yourself what should change, comment \`${prefix} changes\` and what.`
    case 'evidence':
      return `**Decide how to go on.** The checks need a person: ${detail}. A push to the work branch goes on by itself.`
    case 'answers':
      return `**Answer the questions** to go on: ${detail}. \`${prefix} answer <id>\` and your words; \`${prefix} proceed\` goes on without.`
    case 'decision':
      return `**Decide:** ${detail} \`${prefix} answer\` and the number, or words of your own.`
    case 'regression':
      return `**Decide about the release:** ${detail}. \`${prefix} revert\` opens the pull requests that take it back; \`${prefix} proceed\` leaves it.`
    case 'merge':
      return `**Merge it when you are ready.** ${upper(mergeReadiness(run))}. To have something changed first, comment \`${prefix} changes\` and what.`
  }
}

function planSize(run: Run): string {
  const plan = latestOutput(run, 'plan')?.plan
  if (plan === undefined) return ''
  const repositories = plan.repositories.filter(({ role }) => role !== 'reference').length
  const size = `It covers ${countRepositories(repositories)}`
  return plan.files.length === 0 ? `${size}.` : `${size} and about ${count(plan.files.length, 'file')}.`
}

function mergeReadiness(run: Run): string {
  const legs = legsInOrder(run).filter(({ pull }) => pull.state === 'open')
  const checked = legs.every((leg) => leg.checkedSha !== null && leg.checkedSha === leg.head)
  const reviewed = legs.every((leg) => leg.reviewedSha !== null && leg.reviewedSha === leg.head)
  const how = [checked ? 'green' : null, reviewed ? 'reviewed' : null].filter((part) => part !== null).join(' and ')
  const list = legs.map(pullLink).join(', then ')
  return how === '' ? `${list} would be merged` : `${list} ${legs.length === 1 ? 'is' : 'are'} ${how}`
}

function places(run: Run, step: Step): string {
  const changed = changedLegs(run)
  const writes = step.kind === 'agent' ? run.legs.filter((leg) => leg.planned && leg.access === 'write') : changed
  const legs = writes.length === 0 ? run.legs : writes
  const [first, second, third] = legs.map((leg) => leg.repository)
  if (third !== undefined) return `${legs.length} repositories`
  return second === undefined ? (first ?? 'no repository') : `${first} and ${second}`
}

function pullList(run: Run): string {
  const links = legsInOrder(run).map(pullLink)
  return links.length === 0 ? 'the pull requests' : links.join(' and ')
}

function progressWords({ progress }: StatusInput): string {
  if (progress?.todosTotal === undefined || progress.todosTotal === 0) return ''
  return `, ${progress.todosDone ?? 0} of ${progress.todosTotal} to-dos`
}

function upper(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
