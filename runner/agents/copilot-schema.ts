/**
 * What is read of the Copilot CLI: the lines of `--output-format json`, and the file of `--usage-output-file`, which has the
 * tokens that the stream lacks. Seen with the version in `copilot-package.ts`.
 */
import { z } from 'zod'

const count = z.int().nonnegative()
/** Set where an agent of the agent's own is at work. */
const parent = { parentToolCallId: z.string().nullish().catch(undefined) }

export const CopilotLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('assistant.turn_start') }),
  z.object({ type: z.literal('assistant.message'), data: z.object({ content: z.string().default(''), ...parent }) }),
  z.object({
    type: z.literal('tool.execution_start'),
    data: z.object({
      toolCallId: z.string(),
      toolName: z.string(),
      arguments: z.record(z.string(), z.unknown()).default({}).catch({}),
    }),
  }),
  z.object({
    type: z.literal('tool.execution_complete'),
    data: z.object({
      toolCallId: z.string(),
      success: z.boolean(),
      result: z
        .object({ content: z.string().default('') })
        .optional()
        .catch(undefined),
      /** A command that ran to its end counts as a success, whatever its exit code. */
      shellExecution: z.object({ exitCode: z.int() }).optional().catch(undefined),
    }),
  }),
  z.object({
    type: z.literal('model.call_failure'),
    data: z.object({ statusCode: z.int().optional().catch(undefined), errorMessage: z.string().default('').catch('') }),
  }),
  /** `success`, or by what word the call failed for good: `http_400`, `transport_error`, … */
  z.object({ type: z.literal('model.call_final_result'), data: z.object({ result: z.string() }) }),
  z.object({ type: z.literal('session.error'), data: z.object({ message: z.string().default('') }) }),
  /** An id that can be given back on the command line. */
  z.object({ type: z.literal('result'), sessionId: z.uuid().optional().catch(undefined), exitCode: z.int() }),
])
export type CopilotLine = z.infer<typeof CopilotLine>

/** Cumulative over the whole session; cached tokens are part of the input's. */
export const CopilotUsageFile = z.object({
  modelMetrics: z.record(
    z.string(),
    z.object({ usage: z.object({ inputTokens: count, outputTokens: count, cacheReadTokens: count.default(0) }) }),
  ),
})
