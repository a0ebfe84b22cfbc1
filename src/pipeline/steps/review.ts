import { z } from 'zod'
import { LegKey } from '../../contract/ids.ts'
import type { JobResult } from '../../contract/job.ts'
import type { ReviewSeen, RunEvent, RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import { StepConfig } from '../model.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import { LegHead } from '../outputs.ts'
import {
  type Batch,
  batchOf,
  Remark,
  Reply,
  remarkName,
  repliesTo,
  reviewHolds,
  unheededOf,
  unheededWords,
} from '../review-batch.ts'
import { isAdopted, openLegs } from '../state.ts'
import { defineStep, type Outcome, type StepContext } from '../step-kind.ts'

/** How many batches of remarks the responder gets before a person is asked. */
export const DEFAULT_BATCHES = 10

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('review'),
  role: z.string().default('responder').describe('The role that answers the remarks.'),
  approvals: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe("Approvals of the current commit that every pull request needs, beside what GitHub's own rules demand."),
  until: z
    .enum(['reviewed', 'answered'])
    .default('reviewed')
    .describe(
      '`reviewed`: waits until nothing of the review stands in the way of a merge; `answered`: ends when every remark made so far has its answer.',
    ),
  batches: z.int().min(1).max(50).default(DEFAULT_BATCHES).describe('Batches of remarks before a person is asked.'),
})
type Config = z.infer<typeof Config>

const Replies = z.array(Reply).max(100)
const memory = {
  batches: z.int().nonnegative(),
  /** Extra batches that a person granted. */
  granted: z.int().nonnegative(),
  /** Batches that a responder has worked on, by their key. */
  seen: z.array(z.string()).max(100),
  /** Remarks that need no answer any more: a person went on without, by name. */
  accepted: z.array(z.string()).max(1_000),
  /** Requests for changes that were answered; they stand until their author looks again. */
  handled: z.array(z.string()).max(1_000),
  answered: z.int().nonnegative(),
  /** Replies of which nobody knows whether they arrived: the run was held, or failed, while they were on their way. */
  unsure: Replies,
  /** Legs that were taken out of draft; what somebody makes a draft again stays one. */
  readied: z.array(LegKey).max(20),
}
const batch = { key: z.string(), remarks: z.array(Remark).max(100), evidence: z.string() }
const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** The pull requests are being taken out of draft: nobody is asked to review a draft. */
  z.object({ phase: z.literal('readying'), effect: z.string(), ...memory }),
  /** `again`: a remark came since the question was put, so people are not quiet yet. */
  z.object({ phase: z.literal('asking'), effect: z.string(), again: z.boolean(), ...memory }),
  z.object({ phase: z.literal('watching'), why: z.array(z.string()), ...memory }),
  /** `heads`: where the legs stood when the responder was sent. */
  z.object({ phase: z.literal('responding'), ...batch, heads: z.array(LegHead), ...memory }),
  /** The work is done and not told yet; kept over a failure and a pause, so that no reply is lost. */
  z.object({ phase: z.literal('opening'), replies: Replies, ...memory }),
  z.object({ phase: z.literal('answering'), effect: z.string(), replies: Replies, ...memory }),
  z.object({ phase: z.literal('stuck'), what: z.enum(['cap', 'evidence']), why: z.string(), ...batch, ...memory }),
])
type Data = z.infer<typeof Data>
type In<P extends Data['phase']> = Extract<Data, { phase: P }>
type Memory = ReturnType<typeof memoryOf>
type Context = StepContext<Config, Data>

/**
 * Watches the human review of the change set (GATE-7). What people with rights ask for goes to a responder as one batch;
 * every conversation is answered in place. Whether the review suffices is GitHub's to judge, and is never bypassed.
 */
export const reviewStep = defineStep<Config, Data>({
  kind: 'review',
  summary:
    'Watches the human review of the pull requests; an agent answers remarks and requested changes, one batch at a time.',
  config: Config,
  data: Data,
  initial: () => ({
    phase: 'idle',
    batches: 0,
    granted: 0,
    seen: [],
    accepted: [],
    handled: [],
    answered: 0,
    unsure: [],
    readied: [],
  }),
  unneeded: (run) => (openLegs(run).length === 0 ? 'no pull request is open' : null),
  enter: (context) => {
    const { data } = context
    if (data.phase === 'answering') return told(context, { ...memoryOf(data), unsure: data.replies }, [])
    return told(context, memoryOf(data), data.phase === 'opening' ? data.replies : [])
  },
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'readying':
        return event.type === 'pulls.reported' && event.effect === data.effect ? ask(context, memoryOf(data), 0) : null
      case 'asking':
        if (event.type === 'reviews.changed' || event.type === 'pull.changed') return hinted(context, data)
        if (event.type !== 'reviews.reported' || event.effect !== data.effect) return null
        return data.again ? ask(context, memoryOf(data), quiet(context)) : judge(context, memoryOf(data), event.legs)
      case 'watching':
        return hintedOrSwept(context, data, event)
      case 'responding':
        return event.type === 'job.finished' ? responded(context, data, event.result) : null
      case 'opening':
        return event.type === 'pulls.opened' ? opened(context, data, event) : null
      case 'answering': {
        if (event.type !== 'threads.answered' || event.effect !== data.effect) return null
        const kept = memoryOf(data)
        return ask(context, { ...kept, answered: kept.answered + event.answered }, 0)
      }
      case 'stuck':
        return unstick(context, data, event)
    }
  },
  describe: (_run, step, data) => {
    const batches = data.batches === 0 ? '' : `${data.batches} ${data.batches === 1 ? 'batch' : 'batches'} answered`
    if (data.phase === 'watching') return [...data.why, batches].filter((part) => part !== '').join(', ')
    if (data.phase === 'responding') return `answering ${counted(data.remarks.length)} (batch ${data.batches})`
    if (data.phase === 'opening' || data.phase === 'answering') return 'replying'
    if (data.phase === 'stuck') return `${data.why}: ${counted(data.remarks.length)} open`
    if (step.output?.kind !== 'review' || step.status.state !== 'done') return batches
    const by = step.output.approvedBy.length === 0 ? '' : `approved by ${step.output.approvedBy.join(', ')}`
    const { unheeded = [] } = step.output
    const left = unheeded.length === 0 ? '' : unheededWords(unheeded)
    return [by, batches, left].filter((part) => part !== '').join(', ')
  },
})

function counted(remarks: number): string {
  return `${remarks} ${remarks === 1 ? 'remark' : 'remarks'}`
}

function memoryOf({ batches, granted, seen, accepted, handled, answered, unsure, readied }: Data) {
  return { batches, granted, seen, accepted, handled, answered, unsure, readied }
}

/** How long people must have been silent, in ms. */
function quiet({ run }: Context): number {
  return run.settings.reviewQuietMs
}

/** Asks GitHub, at once or (after a hint) when people have been quiet. */
function ask(context: Context, kept: Memory, delayMs: number): Outcome<Data> {
  const open = openLegs(context.run)
  const legs = open.map(({ key }) => key)
  if (legs.length === 0) return pass(kept, [])
  // Whether somebody else's pull request is a draft is theirs to say.
  const own = open.filter((leg) => !isAdopted(context.run, leg))
  const drafts = own.filter(({ key, pull }) => pull?.draft === true && !kept.readied.includes(key)).map(({ key }) => key)
  if (drafts.length > 0) return ready(context, kept, drafts)
  const id = context.effectId('reviews')
  return {
    data: { ...kept, phase: 'asking', effect: id, again: false },
    effects: [{ kind: 'ask-reviews', id, legs, delayMs }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function ready(context: Context, kept: Memory, drafts: LegKey[]): Outcome<Data> {
  const id = context.effectId('pulls')
  return {
    data: { ...kept, phase: 'readying', effect: id, readied: [...kept.readied, ...drafts] },
    effects: [{ kind: 'ask-pulls', id, legs: drafts, ready: true }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function hinted(context: Context, data: In<'asking'>): Outcome<Data> | null {
  if (data.again || context.step.status.state !== 'active') return null
  return { data: { ...data, again: true }, next: { go: 'wait', wait: context.step.status.wait } }
}

function hintedOrSwept(context: Context, data: Data, event: RunEvent): Outcome<Data> | null {
  switch (event.type) {
    case 'timer.fired':
      return event.timer === context.timerId('sweep') ? ask(context, memoryOf(data), 0) : null
    case 'reviews.changed':
      return ask(context, memoryOf(data), quiet(context))
    case 'pull.changed':
      return ask(context, memoryOf(data), context.run.settings.debounceMs)
    default:
      return null
  }
}

/** The answer was folded into the legs already; one that lacks a leg is no answer. */
function judge(context: Context, memory: Memory, legs: ReviewSeen[]): Outcome<Data> {
  const kept = { ...memory, unsure: [] }
  const open = openLegs(context.run)
  if (open.length === 0) return pass(kept, [])
  const seen = open.flatMap(({ key, head }) => legs.find((each) => each.leg === key && each.head === head) ?? [])
  const lacking = open.filter(({ key }) => !seen.some(({ leg }) => leg === key))
  if (lacking.length > 0) return watch(context, memory, [`GitHub did not say all of ${lacking[0]?.repository}`])
  // Looked at first, so that nothing is said twice; also where the pull request was merged meanwhile.
  const unsaid = memory.unsure.filter(
    ({ leg, thread }) =>
      !legs.some((each) => each.leg === leg && each.threads.some(({ id, answered }) => id === thread && answered)),
  )
  if (unsaid.length > 0) return told(context, kept, unsaid)
  const due = batchOf(seen, [...kept.accepted, ...kept.handled])
  if (due !== null) return answerOrAsk(context, kept, due)
  if (context.config.until === 'answered') return pass(kept, seen)
  const holds = reviewHolds(seen, context.config.approvals, kept.accepted)
  if (holds.length === 0) return pass(kept, seen)
  const unheeded = unheededOf(seen)
  return watch(context, kept, unheeded.length === 0 ? holds : [...holds, unheededWords(unheeded)])
}

function answerOrAsk(context: Context, kept: Memory, due: Batch): Outcome<Data> {
  if (kept.seen.includes(due.key))
    return askPerson(context, kept, due, 'evidence', 'the same remarks are open on the same commits as before the answer')
  if (kept.batches >= context.config.batches + kept.granted)
    return askPerson(context, kept, due, 'cap', `still remarks after ${kept.batches} batches`)
  return respond(context, kept, due)
}

function respond(context: Context, kept: Memory, { key, remarks, evidence }: Batch): Outcome<Data> {
  const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'code', evidence })
  return {
    data: { ...kept, phase: 'responding', batches: kept.batches + 1, key, remarks, evidence, heads: headsOf(context) },
    effects,
    note: `${counted(remarks.length)} to answer`,
    next: { go: 'wait', wait },
  }
}

function headsOf({ run }: Pick<Context, 'run'>): LegHead[] {
  return openLegs(run).map(({ key, head }) => ({ leg: key, head }))
}

function watch(context: Context, kept: Memory, why: string[]): Outcome<Data> {
  const until = context.now + context.run.settings.sweepMs
  return {
    data: { ...kept, phase: 'watching', why },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'outside', what: 'review', until } },
  }
}

function askPerson(context: Context, kept: Memory, due: Batch, what: 'cap' | 'evidence', why: string): Outcome<Data> {
  const escalateAt = context.now + context.run.settings.escalateMs
  return {
    data: { ...kept, phase: 'stuck', what, why, ...due },
    timers: [{ name: 'escalate', at: escalateAt }],
    note: why,
    next: { go: 'wait', wait: { for: 'person', what, escalateAt, escalated: false } },
  }
}

function pass(kept: Memory, seen: readonly ReviewSeen[]): Outcome<Data> {
  const approvedBy = [...new Set(seen.flatMap((leg) => leg.approvedBy))].toSorted()
  const unheeded = unheededOf(seen)
  return {
    data: { ...kept, phase: 'idle' },
    next: {
      go: 'advance',
      output: {
        kind: 'review',
        heads: seen.map(({ leg, head }) => ({ leg, head })),
        approvedBy,
        batches: kept.batches,
        answered: kept.answered,
        ...(unheeded.length === 0 ? {} : { unheeded }),
      },
    },
  }
}

/** A responder that changed nothing has its answers all the same: often that is right. */
function responded(context: Context, data: In<'responding'>, result: JobResult): Outcome<Data> {
  const kept = memoryOf(data)
  const outcome = jobOutcome(result)
  if (outcome.kind === 'failed' && outcome.failure.cause !== 'no-changes')
    return { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure: outcome.failure } }
  const pushed = headsOf(context).some(({ leg, head }) => data.heads.find((before) => before.leg === leg)?.head !== head)
  const report = result.status === 'cancelled' ? undefined : result.report
  const replies = repliesTo(data.remarks, report?.threads, pushed)
  const requests = data.remarks.filter(({ kind, id }) => kind === 'request' && replies.some(({ thread }) => thread === id))
  const worked = {
    ...kept,
    seen: [...kept.seen, data.key].slice(-100),
    handled: [...kept.handled, ...requests.map(remarkName)].slice(-1_000),
  }
  return told(context, worked, replies)
}

/** Opens what is missing, then replies where people wrote, then asks again. */
function told(context: Context, kept: Memory, replies: Reply[]): Outcome<Data> {
  const opening = openMissingPulls(context)
  if (opening !== null) return { data: { ...kept, phase: 'opening', replies }, ...opening }
  if (replies.length === 0) return ask(context, kept, 0)
  const id = context.effectId('replies')
  return {
    data: { ...kept, phase: 'answering', effect: id, replies },
    effects: [{ kind: 'answer-threads', id, replies }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function opened(context: Context, data: In<'opening'>, event: RunEventOf<'pulls.opened'>): Outcome<Data> {
  const failure = openingFailure(context.run, event)
  return failure === null ? told(context, memoryOf(data), data.replies) : { data, next: { go: 'fail', failure } }
}

function unstick(context: Context, data: In<'stuck'>, event: RunEvent): Outcome<Data> | null {
  const kept = memoryOf(data)
  switch (event.type) {
    case 'command.extra-round':
      return respond(context, { ...kept, granted: kept.granted + 1 }, data)
    case 'command.proceed':
      return ask(context, { ...kept, accepted: [...kept.accepted, ...data.remarks.map(remarkName)].slice(-1_000) }, 0)
    case 'command.retry':
      return ask(context, kept, 0)
    default:
      return hintedOrSwept(context, data, event)
  }
}
