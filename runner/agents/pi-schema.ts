/**
 * The lines of Pi's JSON mode, as far as they are read; everything else in them is ignored. Seen with the version in
 * `pi-package.ts`, whose own documentation (`docs/json.md`, `docs/message-types.md`) describes the stream.
 */
import { z } from 'zod'

const Block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.string() }).transform(() => ({ type: 'other' as const })),
])

const count = z.number().nonnegative()
const Usage = z.object({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  cost: z.object({ total: count }).optional().catch(undefined),
})
export type PiTokens = z.infer<typeof Usage>

const AssistantMessage = z.object({
  role: z.literal('assistant'),
  content: z.array(Block).catch([]),
  usage: Usage.optional().catch(undefined),
  /** `error` and `aborted` are ends without an answer. */
  stopReason: z.string(),
  errorMessage: z.string().optional().catch(undefined),
})
export type PiMessage = z.infer<typeof AssistantMessage>

export const PiLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session'), id: z.string().min(1).max(200) }),
  z.object({ type: z.literal('message_end'), message: AssistantMessage }),
  z.object({
    type: z.literal('tool_execution_start'),
    toolCallId: z.string(),
    toolName: z.string(),
    args: z.record(z.string(), z.unknown()).catch({}),
  }),
  z.object({
    type: z.literal('tool_execution_end'),
    toolCallId: z.string(),
    isError: z.boolean(),
    result: z.object({ content: z.unknown() }).optional().catch(undefined),
  }),
  /** Nothing more comes by itself: no retry, no queued message. */
  z.object({ type: z.literal('agent_settled') }),
])
export type PiLine = z.infer<typeof PiLine>

/** How Pi tells a refusal of the model: the HTTP status, a space, and the body as JSON. */
const REFUSAL = /^([45]\d\d) (\{.*\})$/s

/** The status of a refusal, or undefined for every other error. */
export function refusalStatus(errorMessage: string | undefined): number | undefined {
  const [, status, body] = REFUSAL.exec(errorMessage ?? '') ?? []
  return status !== undefined && isJson(body ?? '') ? Number(status) : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
