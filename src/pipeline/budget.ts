/**
 * What becomes of a run whose money runs out (SPD-2). The books are the store's (`src/gateway/`); the core hears when a
 * budget is nearly used, when a call did not fit any more, and what people add. Races: *reached and over* (the job ended
 * before its refused call is heard of: nobody waits for it, nothing happens), *raised at work* (a budget is raised while the
 * agent still works: it never stops), *reached in a pause* (the run is held for another cause already: that one stands).
 */
import type { BudgetStand } from '../contract/budget.ts'
import type { JobResult } from '../contract/job.ts'
import type { RunEventOf } from './events.ts'
import type { Run } from './model.ts'
import { allClosed, closedLegs, pause, resume } from './pause.ts'
import { isLive } from './state.ts'
import { heldStep, note, SWITCHYARD, type Turn } from './turn.ts'

/** What people have added to the run's budgets, in USD. */
export function addedUsd(run: { readonly budget?: Run['budget'] }): number {
  return run.budget?.addedUsd ?? 0
}

/** An amount as history and answers say it: `$0.31`. */
export function usd(amount: number): string {
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** Whose budget it is, as the middle of a sentence. */
export function budgetName({ scope, of }: Pick<BudgetStand, 'scope' | 'of'>): string {
  switch (scope) {
    case 'job':
      return 'the budget of one job'
    case 'purse':
      return `the budget of "${of ?? 'this part'}"`
    case 'run':
      return 'the budget of this run'
    case 'repository':
      return "this month's budget of the repository"
    case 'person':
      return "this month's budget of who asked for the run"
    case 'organisation':
      return "this month's budget of the organisation"
  }
}

/** Writes down, once, that most of a budget is used. */
export function budgetNear(turn: Turn, { stand }: RunEventOf<'budget.near'>): boolean {
  const { run } = turn
  if (!isLive(run)) return false
  run.budget = { addedUsd: addedUsd(run), reached: run.budget?.reached ?? null, near: stand }
  const step = heldStep(turn)
  const text = `${usd(stand.usedUsd)} of ${usd(stand.limitUsd)} is used: ${budgetName(stand)}`
  note(turn, 'budget.near', text, step === undefined ? {} : { step: step.id })
  return true
}

/** Holds the run: its agent is stopped cleanly and its work pushed, as a person's pause would do. */
export function budgetReached(turn: Turn, { stand }: RunEventOf<'budget.reached'>): boolean {
  const { run } = turn
  run.budget = { addedUsd: addedUsd(run), near: null, reached: stand }
  pause(turn, { by: SWITCHYARD, why: reachedWords(stand), cause: 'budget' })
  return true
}

/** "The budget of this run is used up: $4.80 of $5.00, and the next call may cost $0.31". */
export function reachedWords(stand: BudgetStand): string {
  const name = budgetName(stand)
  const next = stand.nextUsd === undefined ? '' : `, and the next call may cost ${usd(stand.nextUsd)}`
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} is used up: ${usd(stand.usedUsd)} of ${usd(stand.limitUsd)}${next}`
}

/** An agent that ended for want of money has not failed at its task. */
export function failedForBudget(turn: Turn, result: JobResult): boolean {
  if (result.status !== 'failed' || result.failure.cause !== 'budget') return false
  pause(turn, { by: SWITCHYARD, why: result.failure.message.slice(0, 500).replace(/\.$/, ''), cause: 'budget' })
  return true
}

/** A new month began, or its limit was raised: what was held for it goes on. */
export function budgetRoom(turn: Turn): boolean {
  const { status } = turn.run
  if (status.state !== 'paused' || status.cause !== 'budget') return false
  // Going on leaves them out, which is a person's to decide.
  if (closedLegs(turn.run).length > 0) return false
  resume(turn, SWITCHYARD)
  return true
}

/**
 * Why going on would end at the same call; null where it would not, or nobody can say.
 * @param edited with another script, which may do without what a phase's budget was for
 */
export function needsBudget({ status, budget, settings }: Run, edited = false): string | null {
  if (status.state !== 'paused' || status.cause !== 'budget') return null
  const stand = budget?.reached ?? null
  if (stand === null || !(stand.scope === 'run' || (stand.scope === 'purse' && !edited))) return null
  // The deployment's ceiling may have been raised meanwhile: nobody here can say.
  if (!stand.raisable || missingUsd(stand) <= 0) return null
  return `${reachedWords(stand)}. \`${settings.prefix} budget +${roundUp(missingUsd(stand))}\` or more goes on from here.`
}

/** Null when it was raised, else why not and what to do. */
export function raiseBudget(turn: Turn, event: RunEventOf<'command.budget'>): string | null {
  const { run } = turn
  const { prefix } = run.settings
  const { addUsd } = event
  if (!isLive(run) && run.status.state !== 'failed')
    return `There is nothing to pay for any more: the run is ${run.status.state}; a start label begins a new one.`
  const over = overCeiling(run, addUsd)
  if (over !== null) return over
  const held = run.status.state === 'paused' && run.status.cause === 'budget'
  const stand = held ? (run.budget?.reached ?? null) : null
  if (stand !== null && !stand.raisable)
    return `${reachedWords(stand)}. That is the ceiling of this deployment, which only its owner can raise; \`${prefix} resume\` goes on then.`
  const missing = stand === null ? 0 : missingUsd(stand)
  if (missing > addUsd)
    return `That is too little: the next call may cost ${usd(stand?.nextUsd ?? 0)}. \`${prefix} budget +${roundUp(missing)}\` is the least that goes on.`
  const closed = held ? allClosed(run) : null
  if (closed !== null) return closed
  run.budget = { addedUsd: addedUsd(run) + addUsd, near: null, reached: null }
  note(turn, 'budget.raised', `may spend ${usd(addUsd)} more`, { who: event.actor.login })
  if (held) resume(turn, event.actor.login)
  return null
}

/** The amount to offer to a run that is held for its budget, in USD; null where no person's word brings it on. */
export function raiseOffer(run: Run): number | null {
  const { status, budget } = run
  if (status.state !== 'paused' || status.cause !== 'budget') return null
  const stand = budget?.reached ?? null
  if (stand === null || !stand.raisable) return null
  const usd = leastRaise(stand)
  return overCeiling(run, usd) === null ? usd : null
}

/** The amount to offer, in USD: five, or the whole dollars that bring it on where five do not. */
export function leastRaise(stand: BudgetStand): number {
  return Math.max(5, Math.ceil(missingUsd(stand)))
}

/** What is missing for the call that did not fit, in USD. */
function missingUsd({ usedUsd, limitUsd, nextUsd = 0 }: BudgetStand): number {
  return usedUsd + nextUsd - limitUsd
}

/** As somebody would write it: in whole cents, rounded up. */
function roundUp(amount: number): string {
  return (Math.ceil(amount * 100 - 1e-6) / 100).toFixed(2).replace(/\.00$/, '')
}

/** What the deployment lets a run have at most, whoever raises it. */
function overCeiling(run: Run, addUsd: number): string | null {
  const { run: limit, runCeiling } = run.settings.budgets
  if (limit === undefined || runCeiling === undefined) return null
  const now = limit + addedUsd(run)
  if (now + addUsd <= runCeiling) return null
  const most = Math.max(runCeiling - now, 0)
  const rest = most < 0.01 ? 'it has all of that' : `it can have ${usd(most)} more`
  return `This deployment lets a run spend ${usd(runCeiling)} at most (\`BUDGET_RUN_MAX_USD\`): ${rest}.`
}
