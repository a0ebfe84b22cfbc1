/** Anthropic Messages: https://docs.claude.com/en/api/messages and …/messages-streaming. */
import { z } from 'zod'
import type { CallUsage } from '../../src/contract/model-call.ts'
import { bearer } from './bearer.ts'
import type { Asked, Wire } from './wire.ts'

const Body = z.looseObject({ model: z.string(), max_tokens: z.number().optional() })
const Usage = z.looseObject({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
})
/** `message_start` has it in its message, `message_delta` beside its delta, a whole answer at its top. */
const Told = z.looseObject({ usage: Usage.nullish(), message: z.looseObject({ usage: Usage.nullish() }).nullish() })

const PATHS: Readonly<Record<string, Asked['purpose']>> = {
  'POST /v1/messages': 'generate',
  'POST /v1/messages/count_tokens': 'count',
}

export const anthropic: Wire = {
  vendor: 'anthropic',
  keyVariable: 'ANTHROPIC_API_KEY',
  urlVariable: 'ANTHROPIC_BASE_URL',
  defaultUrl: 'https://api.anthropic.com',
  read(method, path, body) {
    const purpose = PATHS[`${method} ${path}`]
    const parsed = Body.safeParse(body)
    if (purpose === undefined || !parsed.success) return null
    return { purpose, model: parsed.data.model, maxOutputTokens: parsed.data.max_tokens ?? null }
  },
  presented(headers) {
    const key = headers['x-api-key']
    return typeof key === 'string' ? key : bearer(headers)
  },
  authorise: (key) => ({ 'x-api-key': key }),
  prepare: (_asked, _path, body) => body,
  usage(known, event) {
    const told = Told.safeParse(event)
    const usage = told.success ? (told.data.usage ?? told.data.message?.usage) : null
    if (usage === null || usage === undefined) return known
    const next: CallUsage = { ...known }
    // Each is cumulative; a later event need not repeat what an earlier one said.
    if (typeof usage.input_tokens === 'number') next.inputTokens = usage.input_tokens
    if (typeof usage.output_tokens === 'number') next.outputTokens = usage.output_tokens
    if (typeof usage.cache_read_input_tokens === 'number') next.cacheReadTokens = usage.cache_read_input_tokens
    if (typeof usage.cache_creation_input_tokens === 'number') next.cacheWriteTokens = usage.cache_creation_input_tokens
    return next
  },
  error: (status, message) => ({ type: 'error', error: { type: errorType(status), message } }),
}

function errorType(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error'
    case 403:
      return 'permission_error'
    case 404:
      return 'not_found_error'
    case 429:
      return 'rate_limit_error'
    default:
      return status < 500 ? 'invalid_request_error' : 'api_error'
  }
}
