import type { Cause } from '../../contract/failure.ts'
import type { LegKey } from '../../contract/ids.ts'
import type { Effect } from '../effects.ts'
import type { RunEvent, RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import { currentEstimate, policyReasons } from '../merge-policy.ts'
import { doneStep, mergeVerdict, unseenBy } from '../merge-verdict.ts'
import { askMergeabilityAt } from '../mergeability.ts'
import type { Step } from '../model.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import { makesCode } from '../shape.ts'
import { changedLegs, currentHeads } from '../state.ts'
import { defineStep, type EnterReason, type Outcome } from '../step-kind.ts'
import {
  covers,
  MergeConfig,
  type MergeContext,
  MergeData,
  type MergeIn,
  type MergeMemory,
  memoryOf,
  merged,
  NO_MEMORY,
  type Queued,
  unmerged,
} from './merge-data.ts'

export { mergeUnderWay } from './merge-data.ts'

/** How often a merge queue may throw out the same head before the step fails. */
export const MAX_THROWN = 3

type Out = Outcome<MergeData>

/**
 * Merges the change set in its order, each pull request at exactly the head that was checked and reviewed (CS-5).
 * Before the first merge everything is asked of GitHub once more, for all legs at the same moment; whatever moved sends
 * the run back to the step that has to see it. A word to merge, by a person or by the policy, holds for the heads it was
 * given for and no others (CS-7).
 */
export const mergeStep = defineStep<MergeConfig, MergeData>({
  kind: 'merge',
  summary: 'Merges the pull requests in their order, each at the commit that was checked and reviewed.',
  config: MergeConfig,
  data: MergeData,
  initial: () => ({ phase: 'idle', ...NO_MEMORY }),
  // A pause took back what was left to GitHub: auto-merge may be switched on once more.
  enter: (context, why) => begin(context, { ...memoryOf(context.data), ...(why === 'resume' ? { autos: [] } : {}) }, why),
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'opening':
        return event.type === 'pulls.opened' ? opened(context, event) : null
      case 'assessing':
        return event.type === 'job.finished' ? assessed(context, data, event) : null
      case 'person':
        return toReview(context, event) ?? fromPerson(context, data, event)
      case 'asking':
        if (event.type === 'pulls.reported' && event.effect === data.effect) return judge(context, data, event)
        return data.queued === null ? toReview(context, event) : null
      case 'watching':
        return toReview(context, event) ?? (isHint(event, context) ? ask(context, memoryOf(data), data.asks) : null)
      case 'merging':
        return fromMerge(context, data, event)
      case 'queued':
        return isHint(event, context) && event.type !== 'checks.changed' ? ask(context, memoryOf(data), 0, data.queued) : null
    }
  },
  describe: (run, _step, data) => {
    const all = changedLegs(run).length
    const done = changedLegs(run).filter((leg) => leg.mergedSha !== null).length
    const parts = [inWords(run, data), done > 0 ? `${done} of ${all} merged` : '']
    return parts.filter((part) => part !== '').join('; ')
  },
})

function inWords(run: MergeContext['run'], data: MergeData): string {
  switch (data.phase) {
    case 'watching':
      return data.why
    case 'assessing':
      return 'the change is being assessed'
    case 'person':
      return data.reasons.length === 0 ? '' : `a person merges: ${data.reasons.join('; ')}`
    case 'queued': {
      const repository = run.legs.find(({ key }) => key === data.queued.leg)?.repository ?? data.queued.leg
      return data.queued.by === 'queue'
        ? `${repository} is in the merge queue`
        : `${repository} merges when GitHub's rules are met`
    }
    default:
      return ''
  }
}

function sentBack(kept: MergeMemory, to: Step, note: string): Out {
  const data = { ...kept, word: null, phase: 'idle' as const }
  return { data, note, next: { go: 'rewind', to: to.id, feedback: null } }
}

/** A head that a step before has not seen goes back to it: nothing merges that was not reviewed and checked. */
function unseenHead(context: MergeContext, kept: MergeMemory): Out | null {
  const target = unseenBy(context.run, context.step)
  return target === null ? null : sentBack(kept, target, `a head is new to ${target.id}`)
}

/** Somebody said something in a review: the step that answers it sees it first. */
function toReview(context: MergeContext, event: RunEvent): Out | null {
  const review = event.type === 'reviews.changed' ? doneStep(context.run, 'review') : null
  return review === null ? null : sentBack(memoryOf(context.data), review, 'the review changed')
}

/** Who has to say that it may merge, or nobody any more. */
function begin(context: MergeContext, before: MergeMemory, why: EnterReason, asked = false): Out {
  const { run, config } = context
  const open = unmerged(context)
  // A word holds over a pause, and for a retry after a part was merged; whatever else leads here again needs a new one.
  const holds = why === 'resume' || (why === 'retry' && merged(context).length > 0)
  const kept = holds && covers(before.word?.heads, open) ? before : { ...before, word: null }
  const back = unseenHead(context, kept)
  if (back !== null) return back
  if (open.length === 0) return finish(context, kept)
  const opening = openMissingPulls(context)
  if (opening !== null) return { data: { ...kept, phase: 'opening' }, ...opening }
  if (kept.word !== null) return ask(context, kept, 0)
  switch (config.by ?? run.settings.merge.by) {
    case 'auto':
      return ask(context, given(context, kept, 'auto'), 0)
    case 'person':
      return waitForWord(context, kept, [], asked)
    case 'policy':
      return byPolicy(context, kept, asked)
  }
}

function opened(context: MergeContext, event: RunEventOf<'pulls.opened'>): Out {
  const kept = memoryOf(context.data)
  const failure = openingFailure(context.run, event)
  return failure === null ? begin(context, kept, 'resume') : { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure } }
}

function given(context: MergeContext, kept: MergeMemory, by: 'auto' | 'person' | 'policy'): MergeMemory {
  return { ...kept, word: { by, heads: currentHeads(context.run) } }
}

/** People are asked to look at pull requests, not at drafts: asking GitHub takes them out of draft first (CS-1). */
function waitForWord(context: MergeContext, kept: MergeMemory, reasons: string[], asked: boolean): Out {
  if (!asked && unmerged(context).some(({ pull }) => pull?.draft === true)) return ask(context, kept, 0)
  const escalateAt = context.now + context.run.settings.escalateMs
  return {
    data: { ...kept, phase: 'person', reasons },
    timers: [{ name: 'escalate', at: escalateAt }],
    ...(reasons.length === 0 ? {} : { note: `a person has to merge: ${reasons.join('; ')}` }),
    next: { go: 'wait', wait: { for: 'person', what: 'merge', escalateAt, escalated: false } },
  }
}

function byPolicy(context: MergeContext, kept: MergeMemory, asked: boolean): Out {
  const { run, config } = context
  const estimate = currentEstimate(run, kept.assessment)
  if (estimate === null && run.settings.merge.policy !== undefined) {
    const { effects, wait } = context.dispatch({ role: config.role, mode: 'explore' })
    return { data: { ...kept, phase: 'assessing', heads: currentHeads(run) }, effects, next: { go: 'wait', wait } }
  }
  const reasons = policyReasons({ policy: run.settings.merge.policy, estimate, legs: changedLegs(run) })
  if (reasons.length > 0) return waitForWord(context, kept, reasons, asked)
  return { ...ask(context, given(context, kept, 'policy'), 0), note: 'the merge policy allows it without a person' }
}

function assessed(context: MergeContext, data: MergeIn<'assessing'>, event: RunEventOf<'job.finished'>): Out {
  const kept = memoryOf(data)
  const outcome = jobOutcome(event.result)
  if (outcome.kind === 'failed') return { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure: outcome.failure } }
  const estimate = outcome.kind === 'useful' ? outcome.report.estimate : undefined
  if (estimate === undefined)
    return fail(kept, 'no-usable-output', 'The estimator gave no estimate, so the merge policy cannot decide.')
  return begin(context, { ...kept, assessment: { estimate, heads: data.heads } }, 'advance')
}

function ask(context: MergeContext, kept: MergeMemory, asks: number, queued: Queued | null = null): Out {
  const open = unmerged(context)
  if (open.length === 0) return finish(context, kept)
  const id = context.effectId('pulls')
  return {
    data: { ...kept, phase: 'asking', effect: id, asks, queued },
    effects: [{ kind: 'ask-pulls', id, legs: open.map((leg) => leg.key), ready: true }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function fromPerson(context: MergeContext, data: MergeIn<'person'>, event: RunEvent): Out | null {
  const kept = memoryOf(data)
  switch (event.type) {
    case 'command.merge':
      return { ...ask(context, given(context, kept, 'person'), 0), note: `${event.actor.login} said to merge` }
    case 'pull.changed': {
      if (unmerged(context).length === 0) return finish(context, kept)
      const back = unseenHead(context, kept)
      if (back !== null) return back
      // Where a policy decides, commits that are new are assessed anew.
      const assesses = (context.config.by ?? context.run.settings.merge.by) === 'policy'
      return assesses && currentEstimate(context.run, kept.assessment) === null ? begin(context, kept, 'advance') : null
    }
    case 'command.changes': {
      const coder = context.run.steps.findLast(({ config, status }) => makesCode(config) && status.state === 'done')
      if (coder === undefined) return null
      const feedback = { from: 'person', by: event.actor.login, text: event.text } as const
      return { data: { ...kept, phase: 'idle' }, next: { go: 'rewind', to: coder.id, feedback } }
    }
    default:
      return null
  }
}

function isHint(event: RunEvent, context: MergeContext): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'checks.changed' || event.type === 'pull.changed' || event.type === 'reviews.changed'
}

/** The answers were folded into the legs already: heads that moved and pull requests that people merged are known here. */
function judge(context: MergeContext, data: MergeIn<'asking'>, event: RunEventOf<'pulls.reported'>): Out {
  const kept = memoryOf(data)
  const open = unmerged(context)
  const back = movedOrDone(context, kept)
  if (back !== null) return withdrawn(context, back, data.queued)
  const queued = event.pulls.find(({ leg }) => leg === data.queued?.leg)
  if (data.queued !== null && open.some(({ key }) => key === data.queued?.leg) && queued?.pull.state !== 'closed') {
    if (queued?.queued === false) return thrownOut(context, kept, queued.leg, event, data.asks)
    // An answer that does not say that it is out is no reason to forget that GitHub may merge it.
    return inQueue(context, kept, data.queued)
  }
  return act(context, kept, mergeVerdict(context.run, open, event), data.asks)
}

/**
 * What sends the run back ends what GitHub would do by itself: auto-merge holds for whatever is pushed, and a queue would
 * merge one leg while another goes back, also under a stop that comes then.
 */
function withdrawn(context: MergeContext, out: Out, queued: Queued | null): Out {
  if (queued === null || !unmerged(context).some(({ key }) => key === queued.leg)) return out
  const stop: Effect = { kind: 'withdraw-merge', id: context.effectId('withdraw-merge'), legs: [queued.leg] }
  return { ...out, effects: [...(out.effects ?? []), stop] }
}

/** A head that is new to somebody, or that nobody said may merge; or nothing left to merge. */
function movedOrDone(context: MergeContext, kept: MergeMemory): Out | null {
  const back = unseenHead(context, kept)
  if (back !== null) return back
  const open = unmerged(context)
  if (open.length === 0) return finish(context, kept)
  const anyHead = kept.word?.by === 'auto'
  return anyHead || covers(kept.word?.heads, open) ? null : begin(context, { ...kept, word: null }, 'advance', true)
}

function act(context: MergeContext, kept: MergeMemory, verdict: ReturnType<typeof mergeVerdict>, asks: number): Out {
  const { run, config } = context
  switch (verdict.kind) {
    case 'closed':
      return fail(kept, 'rejected', `The pull request in ${verdict.leg.repository} was closed without being merged.`)
    case 'dirty': {
      const { repository, baseBranch } = verdict.leg
      const resolves = doneStep(run, 'conflicts')
      if (resolves !== null) return sentBack(kept, resolves, `${repository} conflicts with ${baseBranch}`)
      return fail(kept, 'conflict', `The pull request in ${repository} conflicts with ${baseBranch}.`)
    }
    case 'red': {
      const gate = doneStep(run, 'ci')
      const names = verdict.names.join(', ')
      return gate === null ? fail(kept, 'ci', `Red: ${names}.`) : sentBack(kept, gate, `red again: ${names}`)
    }
    case 'wait':
      return watch(context, kept, verdict.why, asks)
    case 'blocked': {
      const [next] = unmerged(context)
      if (!config.autoMerge || next === undefined || kept.autos.includes(next.head))
        return watch(context, kept, verdict.why, asks)
      return mergeNext(context, { ...kept, autos: [...kept.autos, next.head].slice(-100) }, true)
    }
    case 'ready':
      return mergeNext(context, kept, false)
  }
}

function watch(context: MergeContext, kept: MergeMemory, why: string, asks: number): Out {
  const until = askMergeabilityAt(context.now, asks, context.run.settings.sweepMs)
  return {
    data: { ...kept, phase: 'watching', why, asks: asks + 1 },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'mergeability', until } },
  }
}

function mergeNext(context: MergeContext, kept: MergeMemory, auto: boolean): Out {
  const [leg] = unmerged(context)
  if (leg === undefined) return finish(context, kept)
  const id = context.effectId('merge')
  return {
    data: { ...kept, phase: 'merging', effect: id, leg: leg.key, auto },
    effects: [{ kind: 'merge-pull', id, leg: leg.key, head: leg.head, method: context.run.settings.merge.method, auto }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function fromMerge(context: MergeContext, data: MergeIn<'merging'>, event: RunEvent): Out | null {
  const kept = memoryOf(data)
  if (!('effect' in event) || event.effect !== data.effect) return null
  switch (event.type) {
    case 'pull.merged':
      // Somebody may have pushed to the next one while this one was merging: what is new goes back first.
      return movedOrDone(context, kept) ?? mergeNext(context, kept, false)
    case 'merge.queued':
      return inQueue(context, kept, { leg: event.leg, by: event.by })
    case 'merge.refused': {
      const back = unseenHead(context, kept)
      if (back !== null) return back
      // Auto-merge is a convenience: without it the rules are waited for.
      if (data.auto) return { ...watch(context, kept, event.failure.message, 0), note: 'auto-merge could not be switched on' }
      const done = merged(context).map((leg) => leg.repository)
      const already = done.length === 0 ? 'Nothing is merged yet.' : `Already merged: ${done.join(', ')}.`
      return fail(kept, event.failure.cause, `${event.failure.message} ${already}`)
    }
    default:
      return null
  }
}

/** GitHub merges it by itself, or throws it out; either is told by a hint, and asked for by the sweep. */
function inQueue(context: MergeContext, kept: MergeMemory, queued: Queued): Out {
  const until = context.now + context.run.settings.sweepMs
  return {
    data: { ...kept, phase: 'queued', queued },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'mergeability', until } },
  }
}

/** Out of the queue and not merged: judged again like any other, but not for ever. */
function thrownOut(
  context: MergeContext,
  kept: MergeMemory,
  key: LegKey,
  event: RunEventOf<'pulls.reported'>,
  asks: number,
): Out {
  const leg = unmerged(context).find((each) => each.key === key)
  if (leg === undefined) return finish(context, kept)
  const count = (kept.thrown.find(({ head }) => head === leg.head)?.count ?? 0) + 1
  const thrown = [...kept.thrown.filter(({ head }) => head !== leg.head), { head: leg.head, count }].slice(-100)
  if (count >= MAX_THROWN)
    return fail(
      { ...kept, thrown: [] },
      'ci',
      `GitHub's merge queue threw ${leg.repository} out ${count} times at the same commit.`,
    )
  const outcome = act(context, { ...kept, thrown }, mergeVerdict(context.run, unmerged(context), event), asks)
  return { ...outcome, note: `${leg.repository} was thrown out of the merge queue` }
}

function fail(kept: MergeMemory, cause: Cause, message: string): Out {
  return { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure: { cause, message: message.slice(0, 2_000) } } }
}

function finish(context: MergeContext, kept: MergeMemory): Out {
  const heads = merged(context).flatMap(({ key, mergedSha }) => (mergedSha === null ? [] : [{ leg: key, head: mergedSha }]))
  return { data: { ...kept, phase: 'idle' }, next: { go: 'advance', output: { kind: 'merge', merged: heads } } }
}
