import { z } from 'zod'
import { Verdict } from '../../contract/report.ts'
import type { RunEvent, RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import { type Feedback, type Run, type Step, StepConfig } from '../model.ts'
import { LegHead } from '../outputs.ts'
import { makesCode } from '../shape.ts'
import { changedLegs, currentHeads } from '../state.ts'
import { defineStep, type Outcome, type Refusal, type StepContext } from '../step-kind.ts'

/** The rating from which later gradings accept. */
export const DEFAULT_THRESHOLD = 0.8
/** How often a companion sends its producer back before a person is asked. */
export const DEFAULT_REWORKS = 3

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('companion'),
  role: z.string().default('reviewer').describe('The role that grades.'),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .default(DEFAULT_THRESHOLD)
    .describe('The rating, 0 to 1, from which later gradings accept.'),
  reworks: z
    .int()
    .min(0)
    .max(10)
    .default(DEFAULT_REWORKS)
    .describe('How often the producer is sent back before a person is asked.'),
})
type Config = z.infer<typeof Config>

const memory = {
  gradings: z.int().nonnegative(),
  /** Reworks asked for by the companion; those a person asks for cost none. */
  reworks: z.int().nonnegative(),
  /** Extra rounds that a person granted at the cap. */
  granted: z.int().nonnegative(),
}
const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** `heads`: what is being graded. A verdict binds to them and to nothing later (REP-6). */
  z.object({ phase: z.literal('grading'), heads: z.array(LegHead), ...memory }),
  z.object({ phase: z.literal('asking'), heads: z.array(LegHead), verdict: Verdict, ...memory }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** Grades the producer before it and sends it back until the rating is good (STP-7). */
export const companionStep = defineStep<Config, Data>({
  kind: 'companion',
  summary: 'An agent grades the work of the step before it, and sends it back until the rating is good enough.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle', gradings: 0, reworks: 0, granted: 0 }),
  enter: (context, why) => {
    const { run, step, data } = context
    // Only the companion of a coder speaks of heads; a plan's must not mark code as reviewed.
    const heads = makesCode(producer(context).config) ? currentHeads(run) : []
    const graded = heads.length > 0 && changedLegs(run).every((leg) => leg.reviewedSha === leg.head)
    if (graded && why !== 'restart' && step.output !== null) {
      return { data: { ...memoryOf(data), phase: 'idle' }, next: { go: 'advance', output: step.output } }
    }
    const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'explore' })
    return { data: { ...memoryOf(data), phase: 'grading', heads }, effects, next: { go: 'wait', wait } }
  },
  on: (event, context) => {
    const { data } = context
    if (event.type === 'job.finished' && data.phase === 'grading') return graded(context, data.heads, event)
    if (data.phase === 'asking') return answered(context, data, event)
    return null
  },
  unneeded: (run, step) => {
    const graded = producerOf(run, step)
    return graded.status.state === 'skipped' ? `${graded.id} was skipped: there is nothing to grade` : null
  },
  describe: (_run, step, data) => {
    const { output } = step
    const rating = data.phase === 'asking' ? data.verdict.rating : output?.kind === 'companion' ? output.verdict.rating : null
    const reworks = data.reworks === 0 ? '' : `${data.reworks} ${data.reworks === 1 ? 'rework' : 'reworks'}`
    return [rating === null ? '' : `rated ${rating}`, reworks].filter((part) => part !== '').join(', ')
  },
})

function memoryOf({ gradings, reworks, granted }: Data) {
  return { gradings, reworks, granted }
}

function producer({ run, step }: Context): Step {
  return producerOf(run, step)
}

function producerOf(run: Run, step: Step): Step {
  const before = run.steps.slice(
    0,
    run.steps.findIndex(({ id }) => id === step.id),
  )
  const found = before.findLast((candidate) => candidate.config.enabled)
  if (found === undefined) throw new Error(`run ${run.id}: the companion ${step.id} has nothing before it`)
  return found
}

function graded(context: Context, heads: LegHead[], event: RunEventOf<'job.finished'>): Outcome<Data> {
  const { config, data, now, run } = context
  const kept = memoryOf(data)
  const outcome = jobOutcome(event.result)
  if (outcome.kind === 'failed') return { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure: outcome.failure } }
  const verdict = outcome.kind === 'useful' ? outcome.report.verdict : undefined
  if (verdict === undefined) {
    const message = 'The companion gave no verdict that can be read; that is never a pass.'
    return { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure: { cause: 'no-usable-output', message } } }
  }
  const first = kept.gradings === 0
  const memory = { ...kept, gradings: kept.gradings + 1 }
  const good = verdict.rating >= config.threshold && !(first && verdict.comments.length > 0)
  if (good) return accept(memory, heads, verdict, 'rating')
  if (kept.reworks < config.reworks + kept.granted) return sendBack(context, memory, verdict)
  const escalateAt = now + run.settings.escalateMs
  return {
    data: { ...memory, phase: 'asking', heads, verdict },
    timers: [{ name: 'escalate', at: escalateAt }],
    note: `rated ${verdict.rating} after ${kept.reworks} reworks: a person decides`,
    next: { go: 'wait', wait: { for: 'person', what: 'cap', escalateAt, escalated: false } },
  }
}

function accept(
  memory: ReturnType<typeof memoryOf>,
  heads: LegHead[],
  verdict: Verdict,
  by: 'rating' | 'person',
): Outcome<Data> {
  return {
    data: { ...memory, phase: 'idle' },
    legs: heads.map(({ leg, head }) => ({ leg, reviewedSha: head })),
    next: { go: 'advance', output: { kind: 'companion', verdict, by, heads, reworks: memory.reworks } },
  }
}

function sendBack(context: Context, memory: ReturnType<typeof memoryOf>, verdict: Verdict): Outcome<Data> {
  return {
    data: { ...memory, phase: 'idle', reworks: memory.reworks + 1 },
    note: `rated ${verdict.rating}: sent back`,
    next: { go: 'rewind', to: producer(context).id, feedback: { from: 'companion', text: feedbackText(verdict) } },
  }
}

function feedbackText(verdict: Verdict): string {
  const comments = verdict.comments.map(({ body, path, line, repository, severity }) => {
    const place = [repository, path, line].filter((part) => part !== undefined).join(':')
    return `- [${severity}]${place === '' ? '' : ` ${place}:`} ${body}`
  })
  return [verdict.summary, ...comments].join('\n').slice(0, 100_000)
}

function answered(context: Context, data: Extract<Data, { phase: 'asking' }>, event: RunEvent): Outcome<Data> | Refusal | null {
  const memory = memoryOf(data)
  switch (event.type) {
    case 'command.extra-round':
      return sendBack(context, { ...memory, granted: memory.granted + 1 }, data.verdict)
    case 'command.proceed':
      return accept(memory, data.heads, data.verdict, 'person')
    case 'command.changes':
      return {
        data: { ...memory, phase: 'idle' },
        next: {
          go: 'rewind',
          to: producer(context).id,
          feedback: { from: 'person', by: event.actor.login, text: event.text } satisfies Feedback,
        },
      }
    default:
      return null
  }
}
