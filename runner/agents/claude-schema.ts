/**
 * The lines of Claude Code's `stream-json` output, as far as they are read; everything else in them is ignored.
 * Seen with the version in `claude-package.ts`; https://code.claude.com/docs/en/headless describes the stream.
 */
import { z } from 'zod'

const Tokens = z.object({
  input_tokens: z.int().nonnegative().optional().catch(undefined),
  output_tokens: z.int().nonnegative().optional().catch(undefined),
  cache_creation_input_tokens: z.int().nonnegative().optional().catch(undefined),
  cache_read_input_tokens: z.int().nonnegative().optional().catch(undefined),
})
export type ClaudeTokens = z.infer<typeof Tokens>

/** What one model used, in one run. */
const ModelUsage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cacheReadInputTokens: z.int().nonnegative(),
  cacheCreationInputTokens: z.int().nonnegative(),
  costUSD: z.number().nonnegative(),
})

const Block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    is_error: z.boolean().default(false),
    content: z.unknown(),
  }),
  z.object({ type: z.string() }).transform(() => ({ type: 'other' as const })),
])
export type ClaudeBlock = z.infer<typeof Block>

const message = z.object({
  id: z.string().optional(),
  content: z.union([z.array(Block), z.string().transform(() => [])]),
  usage: Tokens.optional().catch(undefined),
})

const common = { session_id: z.string().min(1).max(200).optional().catch(undefined) }

const Result = z.object({
  type: z.literal('result'),
  ...common,
  is_error: z.boolean(),
  /** The HTTP status of the model's refusal; null when the end had another reason. */
  api_error_status: z.int().nullish().catch(undefined),
  /** `api_error` also where the model was not reached at all, and so without a status. */
  terminal_reason: z.string().nullish().catch(undefined),
  result: z.string().optional().catch(undefined),
  errors: z.array(z.string()).optional().catch(undefined),
  num_turns: z.int().nonnegative().optional().catch(undefined),
  usage: Tokens.optional().catch(undefined),
  /** Of this run only, where `total_cost_usd` and `modelUsage` are of the whole session, earlier processes included. */
  model_usage_since_last_result: z.record(z.string(), ModelUsage).optional().catch(undefined),
})
export type ClaudeResult = z.infer<typeof Result>

export const ClaudeLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('system'), ...common }),
  z.object({
    type: z.literal('assistant'),
    ...common,
    message,
    /** Set when an agent of the agent's own is speaking. */
    parent_tool_use_id: z.string().nullish().catch(undefined),
    /** Not the model's words, but Claude Code's own about an error. */
    is_api_error_message: z.boolean().default(false).catch(false),
  }),
  z.object({ type: z.literal('user'), ...common, message }),
  Result,
])
export type ClaudeLine = z.infer<typeof ClaudeLine>

/** The whole list, each time it changes. */
export const TodoInput = z.object({ todos: z.array(z.object({ status: z.string() })) })
