import { z } from 'zod'
import type { Artefact } from '../../contract/report.ts'
import { exploreResult } from '../explore-result.ts'
import { contentHash } from '../hash.ts'
import { StepConfig } from '../model.ts'
import { defineStep } from '../step-kind.ts'

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('document'),
  role: z.string().default('writer').describe('The role that writes.'),
  assignment: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .describe('What is to be written, beyond what the role and the task say.'),
})
type Config = z.infer<typeof Config>

const Data = z.discriminatedUnion('phase', [z.object({ phase: z.literal('idle') }), z.object({ phase: z.literal('writing') })])
type Data = z.infer<typeof Data>

/** Yields a document. It, and not what the agent says about it, is graded, approved and handed on (STP-6). */
export const documentStep = defineStep<Config, Data>({
  kind: 'document',
  summary: 'An agent writes a document, a specification or an analysis, which is what is reviewed and approved.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: ({ dispatch, config }) => {
    const { effects, wait } = dispatch({ role: config.role, mode: 'explore', assignment: config.assignment })
    return { data: { phase: 'writing' }, effects, next: { go: 'wait', wait } }
  },
  on: (event, { data, run, step }) => {
    if (event.type !== 'job.finished' || data.phase !== 'writing') return null
    const next = exploreResult(event.result, {
      run,
      step,
      read: ({ artefact }) => (artefact === undefined ? undefined : { kind: 'artefact', artefact, hash: hashOf(artefact) }),
      missing: 'The writer ended without a document.',
    })
    return { data: { phase: 'idle' }, next }
  },
  describe: (_run, { output, status }) =>
    output?.kind === 'artefact' && status.state === 'done' ? `document ${output.hash}` : '',
})

/** Over what people see of it, and nothing else. */
function hashOf({ title, markdown }: Artefact): string {
  return contentHash({ title, markdown })
}
