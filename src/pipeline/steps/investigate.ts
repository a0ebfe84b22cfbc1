import { z } from 'zod'
import { exploreResult } from '../explore-result.ts'
import { StepConfig } from '../model.ts'
import { defineStep } from '../step-kind.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('investigate'),
  role: z.string().default('investigator').describe('The role that looks for the cause.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('investigating') }),
])
type Data = z.infer<typeof Data>

/** Looks for the cause of a bug and yields a diagnosis with evidence, for the questions and the coder after it (STP-5). */
export const investigateStep = defineStep<Config, Data>({
  kind: 'investigate',
  summary: 'An agent looks for the cause of a bug, edits nothing, and yields a diagnosis with its evidence.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: ({ dispatch, config }) => {
    const { effects, wait } = dispatch({ role: config.role, mode: 'explore' })
    return { data: { phase: 'investigating' }, effects, next: { go: 'wait', wait } }
  },
  on: (event, { data, run, step }) => {
    if (event.type !== 'job.finished' || data.phase !== 'investigating') return null
    const next = exploreResult(event.result, {
      run,
      step,
      read: ({ diagnosis }) => (diagnosis === undefined ? undefined : { kind: 'diagnosis', diagnosis }),
      missing: 'The investigator ended without a diagnosis.',
    })
    return { data: { phase: 'idle' }, next }
  },
  describe: (_run, { output, status }) =>
    output?.kind === 'diagnosis' && status.state === 'done' ? `cause found, confidence ${output.diagnosis.confidence}` : '',
})
