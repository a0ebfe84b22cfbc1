import { z } from 'zod'
import { Failure } from '../../contract/failure.ts'
import { JobId, StepId } from '../../contract/ids.ts'
import type { Effect } from '../effects.ts'
import type { RunEvent } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import { StepConfig } from '../model.ts'
import { defineStep, type EnterReason, type Outcome, type StepContext } from '../step-kind.ts'

/** How many jobs one step has at the same time at the most; a wait cannot name more than twenty. */
export const MAX_CHILDREN = 10

const ChildConfig = z.strictObject({
  id: StepId.describe('Its name, unique within this step.'),
  role: z.string().describe('The role that explores.'),
  assignment: z.string().min(1).max(20_000).optional().describe('Which part of the exploration is its own.'),
})
type ChildConfig = z.infer<typeof ChildConfig>

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('parallel'),
  steps: z
    .array(ChildConfig)
    .min(2)
    .max(MAX_CHILDREN)
    .refine((steps) => new Set(steps.map(({ id }) => id)).size === steps.length, 'the ids within the step are unique')
    .describe('What is explored at the same time; none of it edits anything.'),
})
type Config = z.infer<typeof Config>

/** One of the explorations. `enqueue`: the effect that brings its job into the queue. */
const Child = z.discriminatedUnion('state', [
  z.object({ state: z.literal('working'), id: StepId, job: JobId, enqueue: z.string() }),
  z.object({ state: z.literal('done'), id: StepId, summary: z.string() }),
  z.object({ state: z.literal('failed'), id: StepId, failure: Failure }),
])
type Child = z.infer<typeof Child>
const Children = z.array(Child).max(MAX_CHILDREN)

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('working'), children: Children }),
  /** None of them succeeded. */
  z.object({ phase: z.literal('failed'), children: Children }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** Several explorations at the same time; the run goes on when all are over and one at least has a result (STP-17). */
export const parallelStep = defineStep<Config, Data>({
  kind: 'parallel',
  summary: 'Several agents explore at the same time; the run goes on when all of them are done.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context, why) => settle(context, begin(context, why)),
  on: (event, context) => {
    const { data } = context
    if (data.phase !== 'working') return null
    const over = ended(event, data.children)
    if (over === null) return null
    return settle(context, { children: data.children.map((child) => (child.id === over.id ? over : child)), effects: [] })
  },
  describe: (_run, { config }, data) => {
    if (data.phase === 'idle') return ''
    const total = Config.safeParse(config).data?.steps.length ?? data.children.length
    const count = (state: Child['state']) => data.children.filter((child) => child.state === state).length
    const failed = count('failed')
    return `${count('done')} of ${total} done${failed === 0 ? '' : `, ${failed} failed`}`
  },
})

/** A retry or a resume asks again only for what has no result; anything else begins anew. */
function begin({ config, data, dispatch }: Context, why: EnterReason): { children: Child[]; effects: Effect[] } {
  const known = data.phase !== 'idle' && (why === 'retry' || why === 'resume') ? data.children : []
  const effects: Effect[] = []
  const children = config.steps.map(({ id, role, assignment }: ChildConfig): Child => {
    const earlier = known.find((child) => child.id === id)
    if (earlier?.state === 'done' || (earlier?.state === 'failed' && why === 'resume')) return earlier
    // Another child's session, of the same role perhaps, would know the wrong things.
    const asked = dispatch({ role, mode: 'explore', assignment, session: 'fresh' })
    effects.push(...asked.effects)
    return { state: 'working', id, job: asked.job, enqueue: asked.effects[0]?.id ?? '' }
  })
  return { children, effects }
}

/** What became of the child that the event is about; null where it is about none that still works. */
function ended(event: RunEvent, children: readonly Child[]): Child | null {
  for (const child of children) {
    if (child.state !== 'working') continue
    const { id } = child
    if (event.type === 'effect.failed' && event.effect === child.enqueue) return { state: 'failed', id, failure: event.failure }
    if (event.type === 'job.lost' && event.job === child.job) {
      const message = `The job ${event.job} was lost: ${event.why}`.slice(0, 2_000)
      return { state: 'failed', id, failure: { cause: 'evicted', message } }
    }
    if (event.type === 'job.finished' && event.job === child.job) {
      const outcome = jobOutcome(event.result)
      if (outcome.kind === 'failed') return { state: 'failed', id, failure: outcome.failure }
      return { state: 'done', id, summary: outcome.kind === 'noop' ? outcome.reason : outcome.report.summary }
    }
  }
  return null
}

/** Waits for those that still work; over, the step goes on with what succeeded, or has failed where nothing did. */
function settle({ config }: Context, { children, effects }: { children: Child[]; effects: Effect[] }): Outcome<Data> {
  const jobs = children.flatMap((child) => (child.state === 'working' ? [child.job] : []))
  if (jobs.length > 0) {
    return { data: { phase: 'working', children }, effects, next: { go: 'wait', wait: { for: 'jobs', jobs } } }
  }
  const failed = children.flatMap((child) => (child.state === 'failed' ? [child] : []))
  if (failed.length === children.length) {
    return { data: { phase: 'failed', children }, effects, next: { go: 'fail', failure: together(failed) } }
  }
  const results = children.map((child, index) => ({
    id: child.id,
    role: config.steps[index]?.role ?? '',
    summary: child.state === 'done' ? child.summary : '',
    failed: child.state === 'failed' ? child.failure.message : null,
  }))
  return { data: { phase: 'idle' }, effects, next: { go: 'advance', output: { kind: 'parallel', results } } }
}

/** One failure for all, with the cause of the first: its retry policy holds for the step. */
function together(failed: { id: StepId; failure: Failure }[]): Failure {
  const message = `None of the explorations succeeded. ${failed.map(({ id, failure }) => `${id}: ${failure.message}`).join(' ')}`
  return { ...(failed[0]?.failure ?? { cause: 'internal' }), message: message.slice(0, 2_000) }
}
