/**
 * What is read of Codex: the lines of `codex exec --json`, and those of the session's own record (its rollout), which has
 * the causes that the stream lacks. Seen with the version in `codex-package.ts`.
 */
import { z } from 'zod'

const count = z.int().nonnegative()

/** Cumulative over the whole session; cached tokens are part of the input's. */
export const CodexTokens = z.object({
  input_tokens: count,
  cached_input_tokens: count.default(0),
  output_tokens: count,
})
export type CodexTokens = z.infer<typeof CodexTokens>

const Item = z.union([
  z.object({ id: z.string(), type: z.literal('agent_message'), text: z.string() }),
  z.object({
    id: z.string(),
    type: z.literal('command_execution'),
    command: z.string(),
    aggregated_output: z.string().default('').catch(''),
    exit_code: z.int().nullish().catch(undefined),
  }),
  z.object({
    id: z.string(),
    type: z.literal('file_change'),
    changes: z.array(z.object({ path: z.string(), kind: z.string() })),
    status: z.string().default('completed'),
  }),
  z.object({
    id: z.string(),
    type: z.literal('mcp_tool_call'),
    server: z.string(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()).default({}).catch({}),
    status: z.string().default('completed'),
  }),
  z.object({ id: z.string(), type: z.literal('web_search'), query: z.string().default('') }),
  z.object({
    id: z.string(),
    type: z.literal('todo_list'),
    items: z.array(z.object({ text: z.string(), completed: z.boolean() })),
  }),
  z.object({ type: z.string() }).transform(() => ({ type: 'other' as const })),
])
export type CodexItem = z.infer<typeof Item>

export const CodexLine = z.discriminatedUnion('type', [
  /** An id that can be given back on the command line. */
  z.object({ type: z.literal('thread.started'), thread_id: z.uuid() }),
  z.object({ type: z.literal('item.started'), item: Item }),
  z.object({ type: z.literal('item.updated'), item: Item }),
  z.object({ type: z.literal('item.completed'), item: Item }),
  z.object({ type: z.literal('turn.completed') }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
])
export type CodexLine = z.infer<typeof CodexLine>

/** Either one word, or one word with what belongs to it. */
export const CodexErrorInfo = z.union([
  z.string().transform((kind) => ({ kind, status: undefined })),
  z.record(z.string(), z.object({ http_status_code: z.int().nullish() })).transform((info) => ({
    kind: Object.keys(info)[0] ?? 'other',
    status: Object.values(info)[0]?.http_status_code ?? undefined,
  })),
])
export type CodexErrorInfo = z.infer<typeof CodexErrorInfo>

export const RolloutLine = z.object({
  type: z.literal('event_msg'),
  payload: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('token_count'),
      info: z.object({ total_token_usage: CodexTokens }).nullish().catch(undefined),
    }),
    z.object({
      type: z.literal('task_complete'),
      error: z
        .object({ message: z.string(), codex_error_info: CodexErrorInfo.nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
    }),
  ]),
})
