import { z } from 'zod'
import { failed, verdictOfAll } from '../checks-verdict.ts'
import type { PullSeen, RunEvent, RunEventOf } from '../events.ts'
import { type Leg, type Step, StepConfig } from '../model.ts'
import { makesCode } from '../shape.ts'
import { changedLegs } from '../state.ts'
import { defineStep, type Outcome, type Refusal, type StepContext } from '../step-kind.ts'

/** How soon GitHub is asked again while it has not decided whether a pull request can merge, in ms. */
const MERGEABILITY_RETRY_MS = 3_000
/** How often it is asked so before the slow sweep takes over. */
const QUICK_ASKS = 10

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('merge'),
  by: z.enum(['person', 'auto']).optional().describe('Who merges; the `merge.by` of the configuration if absent.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('person') }),
  z.object({ phase: z.literal('asking'), effect: z.string(), asks: z.int().nonnegative() }),
  z.object({ phase: z.literal('watching'), why: z.string(), asks: z.int().nonnegative() }),
  z.object({ phase: z.literal('merging'), effect: z.string(), leg: z.string() }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>
type Changed = ReturnType<typeof changedLegs>[number]

/**
 * Merges the change set in its order, each pull request at exactly the head that was checked and reviewed (CS-5).
 * Before the first merge everything is asked of GitHub once more, for all legs at the same moment; whatever moved sends
 * the run back to the gate or the companion that has to see it.
 */
export const mergeStep = defineStep<Config, Data>({
  kind: 'merge',
  summary: 'Merges the pull requests in their order, each at the commit that was checked and reviewed.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context, why) => {
    const back = unseenHead(context)
    if (back !== null) return back
    const { run, config, now } = context
    // A person's word to merge holds for a retry after a part was merged; whatever else leads here again needs a new one.
    const said = (config.by ?? run.settings.merge.by) === 'auto' || (why === 'retry' && merged(context).length > 0)
    if (said || unmerged(context).length === 0) return ask(context, 0)
    const escalateAt = now + run.settings.escalateMs
    return {
      data: { phase: 'person' },
      timers: [{ name: 'escalate', at: escalateAt }],
      next: { go: 'wait', wait: { for: 'person', what: 'merge', escalateAt, escalated: false } },
    }
  },
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'person':
        return fromPerson(context, event)
      case 'asking':
        return event.type === 'pulls.reported' && event.effect === data.effect ? judge(context, event, data.asks) : null
      case 'watching':
        return isHint(event, context) ? ask(context, data.asks) : null
      case 'merging':
        return fromMerge(context, data, event)
    }
  },
  describe: (run, _step, data) => {
    const all = changedLegs(run).length
    const done = changedLegs(run).filter((leg) => leg.mergedSha !== null).length
    if (data.phase === 'watching') return data.why
    return done > 0 ? `${done} of ${all} merged` : ''
  },
})

/** A merge call was asked for and its answer is not there yet: GitHub may be doing it at this moment. */
export function mergeUnderWay(step: Step): boolean {
  return step.kind === mergeStep.kind && Data.safeParse(step.data).data?.phase === 'merging'
}

/** The changed legs in their merge order. */
function inOrder({ run }: Context): Changed[] {
  return changedLegs(run).toSorted((a, b) => run.mergeOrder.indexOf(a.key) - run.mergeOrder.indexOf(b.key))
}

function unmerged(context: Context): Changed[] {
  return inOrder(context).filter((leg) => leg.mergedSha === null)
}

function merged(context: Context): Changed[] {
  return inOrder(context).filter((leg) => leg.mergedSha !== null)
}

/** A head that its companion or gate has not seen goes back to it: nothing merges that was not reviewed and checked. */
function unseenHead(context: Context): Outcome<Data> | null {
  const { run, step } = context
  const before = run.steps
    .slice(
      0,
      run.steps.findIndex(({ id }) => id === step.id),
    )
    .filter(({ status }) => status.state === 'done')
  const companion = before.findLast(({ kind }, index) => {
    const producer = before[index - 1]
    return kind === 'companion' && producer !== undefined && makesCode(producer.config)
  })
  const gate = before.findLast(({ kind }) => kind === 'ci')
  const open = unmerged(context)
  const target =
    companion !== undefined && open.some((leg) => leg.reviewedSha !== leg.head)
      ? companion
      : gate !== undefined && open.some((leg) => leg.checkedSha !== leg.head)
        ? gate
        : undefined
  if (target === undefined) return null
  return {
    data: { phase: 'idle' },
    note: `a head is new to ${target.id}`,
    next: { go: 'rewind', to: target.id, feedback: null },
  }
}

function ask(context: Context, asks: number): Outcome<Data> {
  if (unmerged(context).length === 0) return finish(context)
  const id = context.effectId('pulls')
  return {
    data: { phase: 'asking', effect: id, asks },
    effects: [{ kind: 'ask-pulls', id, legs: unmerged(context).map((leg) => leg.key), ready: true }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function fromPerson(context: Context, event: RunEvent): Outcome<Data> | Refusal | null {
  switch (event.type) {
    case 'command.merge':
      return { ...ask(context, 0), note: `${event.actor.login} said to merge` }
    case 'pull.changed':
      return unmerged(context).length === 0 ? finish(context) : unseenHead(context)
    case 'command.changes': {
      const coder = context.run.steps.findLast(({ config, status }) => makesCode(config) && status.state === 'done')
      if (coder === undefined) return null
      const feedback = { from: 'person', by: event.actor.login, text: event.text } as const
      return { data: { phase: 'idle' }, next: { go: 'rewind', to: coder.id, feedback } }
    }
    default:
      return null
  }
}

function isHint(event: RunEvent, context: Context): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'checks.changed' || event.type === 'pull.changed'
}

/** The answers were folded into the legs already: heads that moved and pull requests that people merged are known here. */
function judge(context: Context, event: RunEventOf<'pulls.reported'>, asks: number): Outcome<Data> {
  const back = unseenHead(context)
  if (back !== null) return back
  const open = unmerged(context)
  if (open.length === 0) return finish(context)
  const seen = open.map((leg) => ({ leg, seen: event.pulls.find((pull) => pull.leg === leg.key) }))

  const closed = seen.find((pair) => pair.seen?.pull.state === 'closed')
  if (closed !== undefined)
    return fail(context, 'rejected', `The pull request in ${closed.leg.repository} was closed without being merged.`)
  const dirty = seen.find((pair) => pair.seen?.mergeable === 'dirty')
  if (dirty !== undefined)
    return fail(context, 'conflict', `The pull request in ${dirty.leg.repository} conflicts with ${dirty.leg.baseBranch}.`)

  const checks = event.checks.filter(({ leg }) => open.some(({ key }) => key === leg))
  const gated = context.run.steps.some((step) => step.kind === 'ci' && step.status.state === 'done')
  // An answer that lacks a leg, or speaks of another head of it, is no answer.
  const complete = open.every((leg) => checks.some((seen) => seen.leg === leg.key && seen.head === leg.head))
  const verdict = !gated ? 'green' : complete ? verdictOfAll(checks) : 'pending'
  if (verdict === 'red') {
    const gate = context.run.steps.find((step) => step.kind === 'ci' && step.status.state === 'done')
    const names = checks.flatMap((leg) => leg.checks.filter(failed).map(({ name }) => name))
    if (gate !== undefined) {
      return {
        data: { phase: 'idle' },
        note: `red again: ${names.join(', ')}`,
        next: { go: 'rewind', to: gate.id, feedback: null },
      }
    }
  }
  if (verdict === 'pending') return watch(context, 'checks are not finished', asks)
  const undecided = seen.find((pair) => pair.seen === undefined || !mergeable(pair.seen))
  if (undecided !== undefined) return watch(context, reason(undecided.leg, undecided.seen), asks)
  return mergeNext(context)
}

function mergeable(seen: PullSeen): boolean {
  return seen.mergeable === 'clean' || seen.mergeable === 'unstable' || seen.mergeable === 'has_hooks'
}

function reason(leg: Leg, seen: PullSeen | undefined): string {
  switch (seen?.mergeable) {
    case 'blocked':
      return `${leg.repository}: GitHub's rules for ${leg.baseBranch} are not met yet (reviews or required checks)`
    case 'behind':
      return `${leg.repository}: the branch must be brought up to date with ${leg.baseBranch} first`
    case 'draft':
      return `${leg.repository}: the pull request is still a draft`
    default:
      return `${leg.repository}: GitHub has not decided yet whether it can merge`
  }
}

function watch(context: Context, why: string, asks: number): Outcome<Data> {
  const until = context.now + (asks < QUICK_ASKS ? MERGEABILITY_RETRY_MS : context.run.settings.sweepMs)
  return {
    data: { phase: 'watching', why, asks: asks + 1 },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'mergeability', until } },
  }
}

function mergeNext(context: Context): Outcome<Data> {
  const [leg] = unmerged(context)
  if (leg === undefined) return finish(context)
  const id = context.effectId('merge')
  return {
    data: { phase: 'merging', effect: id, leg: leg.key },
    effects: [{ kind: 'merge-pull', id, leg: leg.key, head: leg.head, method: context.run.settings.merge.method, auto: false }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function fromMerge(context: Context, data: Extract<Data, { phase: 'merging' }>, event: RunEvent): Outcome<Data> | null {
  // Somebody may have pushed to the next one while this one was merging: what is new goes back first.
  if (event.type === 'pull.merged' && event.effect === data.effect) return unseenHead(context) ?? mergeNext(context)
  if (event.type !== 'merge.refused' || event.effect !== data.effect) return null
  const back = unseenHead(context)
  if (back !== null) return back
  const done = merged(context).map((leg) => leg.repository)
  const already = done.length === 0 ? 'Nothing is merged yet.' : `Already merged: ${done.join(', ')}.`
  return fail(context, event.failure.cause, `${event.failure.message} ${already}`)
}

function fail(
  _context: Context,
  cause: 'rejected' | 'conflict' | RunEventOf<'merge.refused'>['failure']['cause'],
  message: string,
): Outcome<Data> {
  return { data: { phase: 'idle' }, next: { go: 'fail', failure: { cause, message: message.slice(0, 2_000) } } }
}

function finish(context: Context): Outcome<Data> {
  const heads = merged(context).flatMap(({ key, mergedSha }) => (mergedSha === null ? [] : [{ leg: key, head: mergedSha }]))
  return { data: { phase: 'idle' }, next: { go: 'advance', output: { kind: 'merge', merged: heads } } }
}
