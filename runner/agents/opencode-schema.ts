/**
 * What is read of `opencode run --format json`, and of the plug-in that the runtime gives it (`opencode-plugin.ts`). Seen with
 * the version in `opencode-package.ts`.
 */
import { z } from 'zod'

const count = z.int().nonnegative()
/** An id that can be given back on the command line. */
export const OPENCODE_SESSION = /^ses_\w{1,100}$/
const common = { sessionID: z.string().regex(OPENCODE_SESSION).optional().catch(undefined) }

const State = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('completed'),
    input: z.record(z.string(), z.unknown()),
    output: z.string().default('').catch(''),
    /** A command that ran to its end counts as completed, whatever its exit code. */
    metadata: z
      .object({ exit: z.int().nullish().catch(undefined) })
      .default({})
      .catch({}),
  }),
  z.object({
    status: z.literal('error'),
    input: z.record(z.string(), z.unknown()),
    error: z.string().default('').catch(''),
  }),
])

export const OpencodeLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step_start'), ...common }),
  z.object({
    type: z.literal('text'),
    ...common,
    part: z.object({ text: z.string(), synthetic: z.boolean().default(false).catch(false) }),
  }),
  z.object({
    type: z.literal('tool_use'),
    ...common,
    part: z.object({ callID: z.string(), tool: z.string(), state: State }),
  }),
  z.object({
    type: z.literal('step_finish'),
    ...common,
    part: z.object({
      reason: z.string(),
      tokens: z
        .object({
          input: count,
          output: count,
          reasoning: count.default(0),
          cache: z.object({ read: count.default(0), write: count.default(0) }),
        })
        .optional()
        .catch(undefined),
    }),
  }),
  z.object({
    type: z.literal('error'),
    ...common,
    error: z.object({
      name: z.string(),
      data: z
        .object({ message: z.string().optional().catch(undefined), statusCode: z.int().optional().catch(undefined) })
        .default({})
        .catch({}),
    }),
  }),
  z.object({ type: z.literal('switchyard.refused'), status: z.int() }),
])
export type OpencodeLine = z.infer<typeof OpencodeLine>

/** The whole list, each time it changes. */
export const TodoInput = z.object({ todos: z.array(z.object({ status: z.string() })) })
