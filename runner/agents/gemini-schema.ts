/**
 * The lines of Gemini CLI's `stream-json` output, as far as they are read; everything else in them is ignored. Seen with
 * the version in `gemini-package.ts`; its documentation (`cli/headless.md`) names the events.
 */
import { z } from 'zod'

const count = z.int().nonnegative()

/** What the process used so far. `input_tokens` includes the cached ones, `input` does not. */
const Stats = z.object({
  input: count.optional().catch(undefined),
  output_tokens: count.optional().catch(undefined),
  cached: count.optional().catch(undefined),
})
export type GeminiStats = z.infer<typeof Stats>

export const GeminiLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('init'), session_id: z.string().min(1).max(200) }),
  z.object({ type: z.literal('message'), role: z.string(), content: z.string() }),
  z.object({
    type: z.literal('tool_use'),
    tool_name: z.string(),
    tool_id: z.string(),
    parameters: z.record(z.string(), z.unknown()).catch({}),
  }),
  z.object({
    type: z.literal('tool_result'),
    tool_id: z.string(),
    status: z.string(),
    output: z.string().default('').catch(''),
    error: z.object({ message: z.string() }).optional().catch(undefined),
  }),
  z.object({
    type: z.literal('result'),
    status: z.string(),
    error: z.object({ type: z.string(), message: z.string() }).optional().catch(undefined),
    stats: Stats.optional().catch(undefined),
  }),
])
export type GeminiLine = z.infer<typeof GeminiLine>
export type GeminiResult = Extract<GeminiLine, { type: 'result' }>

/** The whole list, each time it changes. */
export const GeminiTodos = z.object({ todos: z.array(z.object({ status: z.string() })) })
