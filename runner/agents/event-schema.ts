import { z } from 'zod'
import { Cause } from '../../src/contract/failure.ts'
import { Usage } from '../../src/contract/job.ts'
import { type AgentEvent, TOOL_KINDS } from './runtime.ts'
import { callDigest } from './tool-call.ts'

/** Longest text by which a program says that a call is the same as one before, in characters. */
const CALL_MAX_CHARS = 10_000

const ToolStart = z
  .object({
    type: z.literal('tool-start'),
    id: z.string(),
    name: z.string(),
    /** What it does not say is of no kind that the guards make an exception for. */
    kind: z.enum(TOOL_KINDS).default('other').catch('other'),
    detail: z.string().default(''),
    call: z.string().max(CALL_MAX_CHARS).optional().catch(undefined),
  })
  .transform(({ call, ...event }) => ({ ...event, call: callDigest(event.name, call ?? event.detail) }))

/** An {@link AgentEvent} as a program of the `command` runtime prints it. Kept equal to the type by the compiler. */
const shape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session'), id: z.string().min(1).max(200) }),
  z.object({ type: z.literal('text'), text: z.string() }),
  ToolStart,
  z.object({ type: z.literal('tool-end'), id: z.string(), ok: z.boolean(), detail: z.string().default('') }),
  z.object({ type: z.literal('todos'), done: z.int().nonnegative(), total: z.int().nonnegative() }),
  z.object({ type: z.literal('usage'), usage: Usage }),
  z.object({
    type: z.literal('end'),
    ok: z.boolean(),
    error: z.object({ cause: Cause, message: z.string().max(2_000) }).exactOptional(),
  }),
])

export const AgentEventSchema: z.ZodType<AgentEvent> = shape
