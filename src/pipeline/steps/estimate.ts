import { z } from 'zod'
import { jobOutcome } from '../job-outcome.ts'
import { StepConfig } from '../model.ts'
import { currentHeads } from '../state.ts'
import { defineStep } from '../step-kind.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('estimate'),
  role: z.string().default('estimator').describe('The role that estimates.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('estimating') }),
])
type Data = z.infer<typeof Data>

/**
 * Says how complex, risky and far-reaching the task is, or the work that is there already (STP-3). Steps after it can be
 * gated on it with `when`; whether they run is decided in `unneeded.ts`.
 */
export const estimateStep = defineStep<Config, Data>({
  kind: 'estimate',
  summary: 'An agent estimates complexity, risk and impact, each from 0 to 1; later steps can depend on it with `when`.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: ({ dispatch, config }) => {
    const { effects, wait } = dispatch({ role: config.role, mode: 'explore' })
    return { data: { phase: 'estimating' }, effects, next: { go: 'wait', wait } }
  },
  on: (event, { data, run }) => {
    if (event.type !== 'job.finished' || data.phase !== 'estimating') return null
    const outcome = jobOutcome(event.result)
    const idle = { phase: 'idle' } as const
    if (outcome.kind === 'failed') return { data: idle, next: { go: 'fail', failure: outcome.failure } }
    // There is always something to estimate: without an estimate nothing has been done, whatever the agent calls it.
    const estimate = outcome.kind === 'useful' ? outcome.report.estimate : undefined
    if (estimate === undefined) {
      const message = 'The estimator gave no estimate; complexity, risk and impact are all needed.'
      return { data: idle, next: { go: 'fail', failure: { cause: 'no-usable-output', message } } }
    }
    return { data: idle, next: { go: 'advance', output: { kind: 'estimate', estimate, heads: currentHeads(run) } } }
  },
  describe: (_run, { output, status }) => {
    if (output?.kind !== 'estimate' || status.state !== 'done') return ''
    const { complexity, risk, impact } = output.estimate
    return `complexity ${complexity.value}, risk ${risk.value}, impact ${impact.value}`
  },
})
