/**
 * What a step kind is. Each is one small file in `steps/`: a schema of its options, a schema of its state, how it
 * enters, how it reacts to events, and how it describes itself. Finishing and advancing is not its business: it says
 * with an {@link Outcome} what should come next, and `turn.ts` does it, once for every kind.
 */
import type { z } from 'zod'
import type { Purse } from '../contract/budget.ts'
import type { Failure } from '../contract/failure.ts'
import type { HeadSha, JobId, LegKey, StepId } from '../contract/ids.ts'
import type { JobMode } from '../contract/job.ts'
import type { Effect, EffectOf } from './effects.ts'
import type { RunEvent } from './events.ts'
import type { Feedback, Instant, Run, Step, StepConfig, Wait } from './model.ts'
import type { StepOutput } from './outputs.ts'
import { parseOnce } from './parse-once.ts'

/**
 * Why a step is entered. A rewind keeps its state (rounds are counted on), a restart begins with a fresh one. `resume`: the
 * run was held while the step waited for a job or an effect; go on from what is there.
 */
export type EnterReason = 'advance' | 'rewind' | 'retry' | 'restart' | 'resume'

/** A change to a leg that a step's outcome brings. */
export interface LegPatch {
  leg: LegKey
  checkedSha?: HeadSha
  reviewedSha?: HeadSha
  planned?: boolean
  head?: HeadSha
}

/** Where a run goes from a step. */
export type Next =
  | { go: 'wait'; wait: Wait }
  | { go: 'advance'; output: StepOutput }
  /** Back to `to` (itself, or one before it), whose next attempt gets the feedback. */
  | { go: 'rewind'; to: StepId; feedback: Feedback | null }
  | { go: 'fail'; failure: Failure }
  /** The run is over, well, before its last step. */
  | { go: 'end'; summary: string }

/** What a step decided. `data` is the kind's state from now on. */
export interface Outcome<D = unknown> {
  data: D
  next: Next
  effects?: Effect[]
  timers?: { name: string; at: Instant }[]
  legs?: LegPatch[]
  mergeOrder?: LegKey[]
  /** A line of history beyond what every transition writes. */
  note?: string
  /** More than one of them. */
  notes?: string[]
}

/** A command that was understood and cannot be done now: nothing changes, the reason is the answer. */
export interface Refusal {
  refused: string
}

/** What a step sees. */
export interface StepContext<C, D> {
  readonly run: Run
  readonly step: Step
  readonly config: C
  readonly data: D
  readonly now: Instant
  /** An id for the n-th effect of this decision, deterministic. */
  effectId(name: string): string
  /** A timer's id in this attempt. */
  timerId(name: string): string
  /**
   * Asks for a job of this step, under an epoch that no earlier job had; called again, for another one beside it.
   * `session: 'fresh'`: no earlier session is gone on with, whatever the attempt's own rule is. `purse`: what the job's calls
   * are paid from, beside the run's own budgets; when it is used up, the step is shown `budget.reached` before the run is paused.
   */
  dispatch(job: {
    role: string
    mode: JobMode
    evidence?: string
    assignment?: string | undefined
    mergesBase?: boolean
    session?: 'fresh'
    purse?: Purse
    call?: EffectOf<'enqueue-job'>['call']
  }): {
    effects: Effect[]
    wait: Wait & { for: 'job' }
    job: JobId
  }
}

export interface StepDefinition<C, D> {
  kind: string
  /** One sentence for the reference docs. */
  summary: string
  config: z.ZodType<C>
  data: z.ZodType<D>
  initial(config: C): D
  enter(context: StepContext<C, D>, why: EnterReason): Outcome<D>
  /** Null: the event is not for this step, and nothing changes. */
  on(event: RunEvent, context: StepContext<C, D>): Outcome<D> | Refusal | null
  /** Why the step has nothing to do in this run as it is now, so that it is skipped; null or absent: it is entered. */
  unneeded?(run: Run, step: Step, config: C): string | null
  /** How it stands, in a few words for people; empty where the state says all. */
  describe(run: Run, step: Step, data: D): string
}

/** A step context before the kind's schemas have parsed its options and state. */
export type RawContext = Omit<StepContext<never, never>, 'config' | 'data'>

/** A step kind with its types folded away, so that a registry can hold all of them. */
export interface StepKind {
  kind: string
  summary: string
  config: z.ZodType
  data: z.ZodType
  initial(config: StepConfig): unknown
  enter(context: RawContext, why: EnterReason): Outcome
  on(event: RunEvent, context: RawContext): Outcome | Refusal | null
  unneeded(run: Run, step: Step): string | null
  describe(run: Run, step: Step): string
}

/** Makes a kind for the registry: options and state are parsed by its schemas on the way in. */
export function defineStep<C, D>(definition: StepDefinition<C, D>): StepKind {
  const { kind, summary, config } = definition
  const configOf = parseOnce(config)
  const dataOf = parseOnce(definition.data)
  const full = (context: RawContext): StepContext<C, D> => ({
    ...context,
    config: configOf(context.step.config),
    data: dataOf(context.step.data),
  })
  return {
    kind,
    summary,
    config,
    data: definition.data,
    initial: (options) => definition.initial(configOf(options)),
    enter: (context, why) => {
      const outcome = definition.enter(full(context), why)
      dataOf.trust(outcome.data)
      return outcome
    },
    on: (event, context) => {
      const outcome = definition.on(event, full(context))
      if (outcome !== null && 'data' in outcome) dataOf.trust(outcome.data)
      return outcome
    },
    unneeded: (run, step) => definition.unneeded?.(run, step, configOf(step.config)) ?? null,
    describe: (run, step) => definition.describe(run, step, dataOf(step.data)),
  }
}
