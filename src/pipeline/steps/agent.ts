import { z } from 'zod'
import type { JobResult } from '../../contract/job.ts'
import type { RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import { StepConfig } from '../model.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import { AgentOutput } from '../outputs.ts'
import { changedLegs, currentHeads } from '../state.ts'
import { defineStep, type Outcome, type StepContext } from '../step-kind.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('agent'),
  role: z.string().default('coder').describe('The role that works.'),
  mode: z
    .enum(['explore', 'code'])
    .default('code')
    .describe('`explore` reads only; `code` edits, pushes, and yields pull requests.'),
  assignment: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .describe('What this step is for, beyond what the role and the task say.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('working') }),
  /** The work is pushed; pull requests are being opened. Kept over a failure, so that a retry opens only what is missing. */
  z.object({ phase: z.literal('opening'), output: AgentOutput }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** A role at work, exploring or coding (STP-1). */
export const agentStep = defineStep<Config, Data>({
  kind: 'agent',
  summary: 'An agent works in a role: it explores, or it changes code and yields one pull request per changed repository.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context, why) => {
    // The work is done and pushed: only what was asked of GitHub is asked again.
    if ((why === 'retry' || why === 'resume') && context.data.phase === 'opening')
      return openMissing(context, context.data.output)
    const { role, mode, assignment } = context.config
    const { effects, wait } = context.dispatch({ role, mode, assignment })
    return { data: { phase: 'working' }, effects, next: { go: 'wait', wait } }
  },
  on: (event, context) => {
    if (event.type === 'job.finished' && context.data.phase === 'working') return worked(context, event.result)
    if (event.type === 'pulls.opened' && context.data.phase === 'opening') return opened(context, context.data.output, event)
    return null
  },
  describe: (_run, step, data) => {
    if (data.phase === 'opening') return 'opening pull requests'
    return step.epoch > 1 ? `attempt ${step.epoch}` : ''
  },
})

function worked(context: Context, result: JobResult): Outcome<Data> {
  const idle = { phase: 'idle' } as const
  const outcome = jobOutcome(result)
  if (outcome.kind === 'failed') return { data: idle, next: { go: 'fail', failure: outcome.failure } }
  const { run, config } = context
  const changed = changedLegs(run)
  if (outcome.kind === 'noop' && changed.length === 0) return { data: idle, next: { go: 'end', summary: outcome.reason } }

  const unpushed = outcome.result.legs.flatMap((leg) =>
    leg.push.status === 'failed' ? [`${leg.key}: ${leg.push.message}`] : [],
  )
  if (unpushed.length > 0) {
    const message = `The work could not be pushed to every repository: ${unpushed.join('; ')}`.slice(0, 2_000)
    return { data: idle, next: { go: 'fail', failure: { cause: 'git', message } } }
  }
  const output: AgentOutput = {
    kind: 'agent',
    mode: config.mode,
    summary: outcome.result.report.summary,
    title: outcome.result.report.title ?? null,
    checks: outcome.result.report.checks ?? [],
    noop: outcome.kind === 'noop' ? outcome.reason : null,
    heads: currentHeads(run),
    notes: outcome.result.notes,
    verdict: outcome.result.report.status === 'noop' ? null : (outcome.result.report.verdict ?? null),
  }
  if (config.mode === 'explore') return { data: idle, next: { go: 'advance', output } }
  if (changed.length === 0) {
    const message = 'The agent ended without a commit in any repository, and without saying that nothing was to do.'
    return { data: idle, next: { go: 'fail', failure: { cause: 'no-changes', message } } }
  }
  return openMissing(context, output)
}

/** Pull requests for the changed legs that have none yet (CS-1, CS-3). */
function openMissing(context: Context, output: AgentOutput): Outcome<Data> {
  const opening = openMissingPulls(context)
  if (opening === null) return { data: { phase: 'idle' }, next: { go: 'advance', output } }
  return { data: { phase: 'opening', output }, ...opening }
}

function opened(context: Context, output: AgentOutput, event: RunEventOf<'pulls.opened'>): Outcome<Data> {
  const failure = openingFailure(context.run, event)
  if (failure === null) return { data: { phase: 'idle' }, next: { go: 'advance', output } }
  return { data: context.data, next: { go: 'fail', failure } }
}
