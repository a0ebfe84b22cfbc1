/**
 * Carries out effects. A handler is idempotent: it looks before it creates. What it learnt comes back as an event,
 * applied in the same transaction that marks the effect as done, so that neither is ever without the other.
 */
import type { Logger } from 'pino'
import { crashPoint } from '../contract/crash-point.ts'
import { type Failure, failureOf } from '../contract/failure.ts'
import type { RunId } from '../contract/ids.ts'
import type { Effect, EffectOf } from '../pipeline/effects.ts'
import type { RunEvent } from '../pipeline/events.ts'
import type { Instant, Run } from '../pipeline/model.ts'
import { isOpen } from '../pipeline/notices.ts'
import { awaitedEffect, awaitedJobs, currentWait } from '../pipeline/state.ts'
import { countAttempt, getEffect, isPending, leaveOutOlder, markDone, markFailed } from '../store/outbox.ts'
import { getRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Engine } from './engine.ts'
import { type Blocked, type PutBackParts, putBack, UNKNOWN_LIMIT_MS } from './put-back.ts'

/** Does one kind of effect; gives the event that answers it, or null where nothing waits for an answer. */
export type EffectHandler<K extends Effect['kind']> = (effect: EffectOf<K>, run: Run) => Promise<RunEvent | null>

/** One handler per kind; the registry in `src/effects/` builds it. */
export type EffectHandlers = { [K in Effect['kind']]: EffectHandler<K> }

/** How often an effect is tried before it counts as failed; with the queue's growing pauses that is about eight minutes. */
export const EFFECT_ATTEMPTS = 10

/** What the queue should do with an effect's job. One that is blocked is in the queue again already, for that time. */
export type EffectOutcome = { kind: 'over' } | { kind: 'again'; failure: Failure } | { kind: 'blocked'; until: Instant }

export interface EffectRunner {
  /** Carries out the effect of this id, if it still matters. Never throws for what the effect itself did wrong. */
  run(id: string): Promise<EffectOutcome>
}

export interface EffectRunnerOptions extends PutBackParts {
  store: Store
  engine: Engine
  handlers: EffectHandlers
  log: Logger
  /** The block that GitHub's rate limits put on an installation; null where it may ask. */
  blocked(installationId: number): Promise<Blocked | null>
  /** One at a time per name, over all processes: two renderings of one run must not both create its comment. */
  withLease: <T>(name: string, act: () => Promise<T>) => Promise<T>
}

export function createEffectRunner(options: EffectRunnerOptions): EffectRunner {
  return { run: (id) => runEffect(options, id) }
}

async function runEffect(options: EffectRunnerOptions, id: string): Promise<EffectOutcome> {
  const { store, engine, handlers, log, withLease, blocked, now } = options
  const known = await getEffect(store.db, id)
  if (known === null || !isPending(known)) return { kind: 'over' }
  const { effect, runId } = known
  // A later rendering that is still to come shows all of the earlier ones: those need not wait for their turn.
  const leaveOut = async () => {
    if (effect.kind === 'show') await leaveOutOlder(store.db, runId, 'show')
  }
  await leaveOut()
  return withLease(leaseOf(effect, runId), async () => {
    // One may have come while this waited.
    await leaveOut()
    // Read under the lease: whoever held it before may have done this very effect.
    const held = await getEffect(store.db, id)
    if (held === null || !isPending(held)) return { kind: 'over' }
    const run = await getRun(store.db, runId)
    if (run === null || !matters(run, effect)) {
      await markDone(store.db, id)
      return { kind: 'over' }
    }
    const { installationId } = run.task
    const block = WITHOUT_GITHUB.includes(effect.kind) ? null : await blocked(installationId)
    if (block !== null) return { kind: 'blocked', until: await putBack(options, run, id, block) }
    crashPoint('effect-before')
    try {
      const event = await dispatch(handlers, effect, run)
      crashPoint('effect-done')
      if (event === null) await markDone(store.db, id)
      else
        await engine.apply(runId, `effect:${id}`, event, async (tx) => {
          await markDone(tx, id)
        })
      return { kind: 'over' }
    } catch (error) {
      const failure = failureOf(error, 'internal')
      // It was not the effect's doing, and it passes: no attempt is used up (FAIL-4).
      if (failure.cause === 'rate-limit') {
        log.info({ run: runId, effect: id, until: failure.retryAt }, 'Effect waits for the end of a rate limit')
        const at = now()
        const told = { since: at, until: Math.max(failure.retryAt ?? at + UNKNOWN_LIMIT_MS, at + SHORTEST_WAIT_MS) }
        return { kind: 'blocked', until: await putBack(options, run, id, (await blocked(installationId)) ?? told) }
      }
      const attempts = await countAttempt(store.db, id, failure.message)
      log.warn({ err: error, run: runId, effect: id, attempts }, 'Effect failed')
      if (attempts < EFFECT_ATTEMPTS && !FINAL_CAUSES.includes(failure.cause)) return { kind: 'again', failure }
      await engine.apply(runId, `effect:${id}`, { type: 'effect.failed', effect: id, failure }, async (tx) => {
        await markFailed(tx, id, failure.message)
      })
      return { kind: 'over' }
    }
  })
}

/**
 * What is done one at a time. Agents' jobs and scripts wait for nothing that is asked of GitHub; what is done for one job comes
 * one after the other, so that none is put into the queue behind its own cancellation; a receiver of notices that does not
 * answer keeps nothing else of the run waiting.
 */
function leaseOf(effect: Effect, run: RunId): string {
  switch (effect.kind) {
    case 'enqueue-job':
    case 'cancel-job':
      return `job-${effect.job}`
    case 'advance-workflow':
      return `script-${run}`
    case 'notify':
      return `notices-${run}`
    default:
      return `effects-${run}`
  }
}

/** So long at least a limit is waited for, in ms, also where GitHub says less. */
const SHORTEST_WAIT_MS = 1_000

/** What needs nothing of GitHub, and so waits for none of its limits. */
const WITHOUT_GITHUB: readonly Effect['kind'][] = ['enqueue-job', 'cancel-job', 'advance-workflow', 'notify']

/** Trying again would end the same. */
const FINAL_CAUSES: readonly Failure['cause'][] = ['config', 'permission']

function dispatch(handlers: EffectHandlers, effect: Effect, run: Run): Promise<RunEvent | null> {
  switch (effect.kind) {
    case 'enqueue-job':
      return handlers['enqueue-job'](effect, run)
    case 'cancel-job':
      return handlers['cancel-job'](effect, run)
    case 'advance-workflow':
      return handlers['advance-workflow'](effect, run)
    case 'open-pulls':
      return handlers['open-pulls'](effect, run)
    case 'ask-checks':
      return handlers['ask-checks'](effect, run)
    case 'ask-pulls':
      return handlers['ask-pulls'](effect, run)
    case 'merge-pull':
      return handlers['merge-pull'](effect, run)
    case 'rerun-checks':
      return handlers['rerun-checks'](effect, run)
    case 'ask-reviews':
      return handlers['ask-reviews'](effect, run)
    case 'answer-threads':
      return handlers['answer-threads'](effect, run)
    case 'file-ticket':
      return handlers['file-ticket'](effect, run)
    case 'file-follow-up':
      return handlers['file-follow-up'](effect, run)
    case 'create-deployments':
      return handlers['create-deployments'](effect, run)
    case 'ask-deployments':
      return handlers['ask-deployments'](effect, run)
    case 'ask-release':
      return handlers['ask-release'](effect, run)
    case 'open-reverts':
      return handlers['open-reverts'](effect, run)
    case 'withdraw-merge':
      return handlers['withdraw-merge'](effect, run)
    case 'show':
      return handlers.show(effect, run)
    case 'notify':
      return handlers.notify(effect, run)
    case 'answer':
      return handlers.answer(effect, run)
    case 'finish-issue':
      return handlers['finish-issue'](effect, run)
    case 'clean-up':
      return handlers['clean-up'](effect, run)
  }
}

/**
 * Whether an effect is still wanted. What creates or merges is wanted only while the active step waits for it: after a
 * stop, a restart or a newer attempt nothing of the old one is done any more (invariant 7).
 */
export function matters(run: Run, effect: Effect): boolean {
  switch (effect.kind) {
    case 'show':
    case 'answer':
    case 'cancel-job':
    case 'clean-up':
    case 'finish-issue':
      return true
    // Left in its queue or to its auto-merge, GitHub would merge what is not to be merged.
    case 'withdraw-merge':
      return true
    // A person asked for it, whatever the run does meanwhile.
    case 'open-reverts':
    case 'file-follow-up':
      return true
    // What is over meanwhile is not told any more.
    case 'notify':
      return isOpen(run, effect.notice)
    case 'enqueue-job':
      return run.status.state === 'active' && awaitedJobs(currentWait(run)).includes(effect.job)
    case 'open-pulls':
    case 'ask-checks':
    case 'ask-pulls':
    case 'merge-pull':
    case 'rerun-checks':
    case 'ask-reviews':
    case 'answer-threads':
    case 'file-ticket':
    case 'create-deployments':
    case 'ask-deployments':
    case 'ask-release':
    case 'advance-workflow':
      return run.status.state === 'active' && awaitedEffect(currentWait(run)) === effect.id
  }
}
