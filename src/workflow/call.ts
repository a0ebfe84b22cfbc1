import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../contract/canonical-json.ts'
import { FullName } from '../contract/ids.ts'
import { ResultSchema } from './result-schema.ts'

/** Longest time that one call may be given, in ms. */
const CALL_TIMEOUT_MAX_MS = 6 * 3_600_000

const Label = z.string().min(1).max(200)
const Phase = z.string().min(1).max(100)

/** What `agent(prompt, options)` takes. */
export const AgentOptions = z.strictObject({
  /** Left out: chosen by the mode. */
  role: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .max(40)
    .optional(),
  /** Left out: `code` with `isolation`, else `explore`. */
  mode: z.enum(['explore', 'code']).optional(),
  label: Label.optional(),
  phase: Phase.optional(),
  schema: ResultSchema.optional(),
  model: z.string().min(1).max(200).optional(),
  isolation: z.literal('worktree').optional(),
  /** Of the run's repositories, those that the agent sees; left out: all. */
  repositories: z.array(FullName).min(1).max(20).optional(),
  timeoutMs: z.int().min(1_000).max(CALL_TIMEOUT_MAX_MS).optional(),
})
export type AgentOptions = z.infer<typeof AgentOptions>

/** What `checkpoint(question, options)` takes. */
export const CheckpointOptions = z.strictObject({
  /** Left out: the answer is free text. */
  choices: z.array(z.string().min(1).max(500)).min(2).max(10).optional(),
  label: Label.optional(),
  phase: Phase.optional(),
})
export type CheckpointOptions = z.infer<typeof CheckpointOptions>

/** What `collect(results, options)` takes beside the results. */
export const CollectInput = z.strictObject({ label: Label.optional(), phase: Phase.optional() })

/** The branches of these calls are to be merged, in this order. */
export const CollectOptions = z.strictObject({ calls: z.array(z.int().nonnegative()).min(1).max(10_000) })
export type CollectOptions = z.infer<typeof CollectOptions>

const common = {
  /** Counts from 0, in the order in which the script asked. */
  index: z.int().nonnegative(),
  phase: z.string().nullable(),
  label: z.string(),
  /** The prompt or the question; empty for `collect`. */
  prompt: z.string(),
  /** SHA-256 of what identifies the call; whoever runs it adds what it knows beside (heads). */
  identity: z.string().regex(/^[0-9a-f]{64}$/),
}

/** Something that the script asks for and waits for. */
export const WorkflowCall = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent'), ...common, options: AgentOptions.required({ mode: true }) }),
  z.object({ kind: z.literal('checkpoint'), ...common, options: CheckpointOptions }),
  z.object({ kind: z.literal('collect'), ...common, options: CollectOptions }),
])
export type WorkflowCall = z.infer<typeof WorkflowCall>

/** The hash of what identifies a call (WF-3); its label and its time limit do not. */
export function identityOf(call: {
  kind: WorkflowCall['kind']
  prompt: string
  phase: string | null
  options: object
}): string {
  const { label: _label, timeoutMs: _timeoutMs, ...options } = { label: undefined, timeoutMs: undefined, ...call.options }
  const identified = { kind: call.kind, prompt: call.prompt, phase: call.phase, options }
  return createHash('sha256').update(canonicalJson(identified)).digest('hex')
}
