/**
 * OpenAI Responses and Chat Completions: https://platform.openai.com/docs/api-reference/responses and …/chat. Many other
 * vendors speak the second one too.
 */
import { z } from 'zod'
import type { CallUsage } from '../../src/contract/model-call.ts'
import { bearer } from './bearer.ts'
import type { Asked, Wire } from './wire.ts'

const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
  max_tokens: z.number().nullish(),
})
const Cached = z.looseObject({ cached_tokens: z.number().nullish() }).nullish()
const Usage = z.union([
  z.looseObject({ input_tokens: z.number(), output_tokens: z.number(), input_tokens_details: Cached }),
  z
    .looseObject({ prompt_tokens: z.number(), completion_tokens: z.number(), prompt_tokens_details: Cached })
    .transform((chat) => ({
      input_tokens: chat.prompt_tokens,
      output_tokens: chat.completion_tokens,
      input_tokens_details: chat.prompt_tokens_details,
    })),
])
/** The last events of a response have it in their response, chunks and whole answers at their top. */
const Told = z.union([
  z.looseObject({ usage: Usage }),
  z.looseObject({ response: z.looseObject({ usage: Usage }) }).transform(({ response }) => ({ usage: response.usage })),
])

const CHAT = '/v1/chat/completions'
const PATHS: Readonly<Record<string, Asked['purpose']>> = {
  'POST /v1/responses': 'generate',
  [`POST ${CHAT}`]: 'generate',
  'GET /v1/models': 'list',
}

export const openai: Wire = {
  vendor: 'openai',
  keyVariable: 'OPENAI_API_KEY',
  urlVariable: 'OPENAI_BASE_URL',
  // The base addresses of OpenAI's libraries end in /v1, which the paths here begin with.
  defaultUrl: 'https://api.openai.com',
  read(method, path, body) {
    const purpose = PATHS[`${method} ${path}`]
    if (purpose === undefined) return null
    if (purpose === 'list') return { purpose, model: null, maxOutputTokens: null }
    const parsed = Body.safeParse(body)
    if (!parsed.success) return null
    const { model, max_output_tokens, max_completion_tokens, max_tokens } = parsed.data
    return { purpose, model, maxOutputTokens: max_output_tokens ?? max_completion_tokens ?? max_tokens ?? null }
  },
  presented: bearer,
  authorise: (key) => ({ authorization: `Bearer ${key}` }),
  prepare(_asked, path, body) {
    const parsed = Body.safeParse(body)
    if (path !== CHAT || !parsed.success || parsed.data.stream !== true) return body
    // Without it a streamed chat says nothing of what it used.
    const options = z.looseObject({}).catch({}).parse(parsed.data.stream_options)
    return { ...parsed.data, stream_options: { ...options, include_usage: true } }
  },
  usage(known, event) {
    const told = Told.safeParse(event)
    if (!told.success) return known
    const { input_tokens, output_tokens, input_tokens_details } = told.data.usage
    const cacheReadTokens = input_tokens_details?.cached_tokens ?? 0
    return { inputTokens: input_tokens - cacheReadTokens, outputTokens: output_tokens, cacheReadTokens } satisfies CallUsage
  },
  error: (status, message) => ({
    error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code: null, param: null },
  }),
}
