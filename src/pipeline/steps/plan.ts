import { z } from 'zod'
import type { LegKey } from '../../contract/ids.ts'
import type { Plan } from '../../contract/report.ts'
import { contentHash } from '../hash.ts'
import { jobOutcome } from '../job-outcome.ts'
import { type Run, type Step, StepConfig } from '../model.ts'
import { checkPlan } from '../plan-check.ts'
import { makesCode } from '../shape.ts'
import { defineStep, type Outcome, type StepContext } from '../step-kind.ts'

/** How often a plan that breaks the rules is sent back before the step fails. */
export const MAX_REFUSALS = 2

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('plan'),
  role: z.string().default('planner').describe('The role that plans.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), refusals: z.int().nonnegative() }),
  z.object({ phase: z.literal('planning'), refusals: z.int().nonnegative() }),
])

type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** Explores and yields a plan: which repositories, why, which files, what risks, in which order to merge (STP-2). */
export const planStep = defineStep<Config, Data>({
  kind: 'plan',
  summary: 'An agent explores the repositories, edits nothing, and yields a plan.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle', refusals: 0 }),
  enter: (context) => {
    const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'explore' })
    return { data: { phase: 'planning', refusals: context.data.refusals }, effects, next: { go: 'wait', wait } }
  },
  on: (event, context) => {
    if (event.type !== 'job.finished' || context.data.phase !== 'planning') return null
    const outcome = jobOutcome(event.result)
    const idle = { phase: 'idle', refusals: context.data.refusals } as const
    if (outcome.kind === 'failed') return { data: idle, next: { go: 'fail', failure: outcome.failure } }
    if (outcome.kind === 'noop') return { data: idle, next: { go: 'end', summary: outcome.reason } }
    const { plan } = outcome.report
    if (plan === undefined) {
      return {
        data: idle,
        next: { go: 'fail', failure: { cause: 'no-usable-output', message: 'The planner reported success without a plan.' } },
      }
    }
    const { run, step } = context
    const faults = checkPlan(plan, run.legs, codedUnseen(run, step) ? run.settings.protectedPaths : [])
    return faults.length === 0 ? accept(context, plan) : refuse(context, plan, faults)
  },
  describe: (_run, step) => (step.output?.kind === 'plan' ? `plan ${step.output.hash}` : ''),
})

/** Whether code is made of this plan without any person approving it before. */
function codedUnseen({ steps }: Run, { id }: Step): boolean {
  const after = steps
    .slice(steps.findIndex((step) => step.id === id) + 1)
    .filter(({ config, status }) => config.enabled && status.state !== 'skipped')
  const code = after.findIndex(({ config }) => makesCode(config))
  if (code === -1) return false
  const before = after.slice(0, code)
  return !before.some(({ kind, config }, index) => {
    if (kind !== 'approval') return false
    const document = before.slice(0, index).some((step) => step.kind === 'document')
    return config.of === id || (config.of === undefined && !document)
  })
}

function accept({ run }: Context, plan: Plan): Outcome<Data> {
  const touched = new Set(
    plan.repositories.filter(({ role }) => role !== 'reference').map(({ repository }) => repository.toLowerCase()),
  )
  return {
    data: { phase: 'idle', refusals: 0 },
    // What is pushed already stays in the change set, also when a later plan forgets it: somebody has to be able to mend it.
    legs: run.legs.map((leg) => ({ leg: leg.key, planned: leg.head !== null || touched.has(leg.repository.toLowerCase()) })),
    mergeOrder: mergeOrder(plan, run.legs),
    next: { go: 'advance', output: { kind: 'plan', plan, hash: contentHash(plan) } },
  }
}

function refuse({ step, data }: Context, plan: Plan, faults: string[]): Outcome<Data> {
  const list = faults.map((fault) => `- ${fault}`).join('\n')
  if (data.refusals >= MAX_REFUSALS) {
    const message = `The plan still breaks the rules after ${MAX_REFUSALS} corrections.`
    return {
      data: { phase: 'idle', refusals: 0 },
      next: { go: 'fail', failure: { cause: 'no-usable-output', message, detail: list } },
    }
  }
  return {
    data: { phase: 'idle', refusals: data.refusals + 1 },
    note: `The plan was refused: ${faults.join(' ')}`,
    next: {
      go: 'rewind',
      to: step.id,
      feedback: {
        from: 'switchyard',
        text: `The plan cannot be taken as it is:\n${list}`,
        earlier: JSON.stringify(plan, null, 2),
      },
    },
  }
}

/** The plan's own order first; what it leaves out follows, providers before consumers (CS-5). */
function mergeOrder(plan: Plan, legs: Context['run']['legs']): LegKey[] {
  const rank = new Map(plan.repositories.map(({ repository, role }) => [repository.toLowerCase(), role === 'provider' ? 0 : 1]))
  const place = (repository: string) => {
    const named = plan.mergeOrder.findIndex((name) => name.toLowerCase() === repository.toLowerCase())
    return named === -1 ? plan.mergeOrder.length + (rank.get(repository.toLowerCase()) ?? 1) : named
  }
  return legs.toSorted((a, b) => place(a.repository) - place(b.repository)).map((leg) => leg.key)
}
