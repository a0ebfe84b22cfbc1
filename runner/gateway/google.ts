/** Google's generateContent: https://ai.google.dev/api/generate-content. */
import { z } from 'zod'
import type { CallUsage } from '../../src/contract/model-call.ts'
import { bearer } from './bearer.ts'
import type { Asked, Wire } from './wire.ts'

const Body = z.looseObject({
  generationConfig: z.looseObject({ maxOutputTokens: z.number().nullish() }).nullish(),
})
const Told = z.looseObject({
  usageMetadata: z.looseObject({
    promptTokenCount: z.number().nullish(),
    candidatesTokenCount: z.number().nullish(),
    thoughtsTokenCount: z.number().nullish(),
    toolUsePromptTokenCount: z.number().nullish(),
    cachedContentTokenCount: z.number().nullish(),
  }),
})

const PATH = /^\/v1(?:beta|alpha)?\/models\/([\w.-]+):(generateContent|streamGenerateContent|countTokens)$/

export const google: Wire = {
  vendor: 'google',
  keyVariable: 'GEMINI_API_KEY',
  urlVariable: 'GOOGLE_GEMINI_BASE_URL',
  defaultUrl: 'https://generativelanguage.googleapis.com',
  read(method, path, body) {
    const match = PATH.exec(path)
    const parsed = Body.safeParse(body)
    if (method !== 'POST' || match === null || !parsed.success) return null
    const purpose: Asked['purpose'] = match[2] === 'countTokens' ? 'count' : 'generate'
    return { purpose, model: match[1] ?? null, maxOutputTokens: parsed.data.generationConfig?.maxOutputTokens ?? null }
  },
  presented(headers, query) {
    const key = headers['x-goog-api-key']
    return typeof key === 'string' ? key : (query.get('key') ?? bearer(headers))
  },
  authorise: (key) => ({ 'x-goog-api-key': key }),
  prepare: (_asked, _path, body) => body,
  usage(known, event) {
    const told = Told.safeParse(event)
    if (!told.success) return known
    const of = told.data.usageMetadata
    const cacheReadTokens = of.cachedContentTokenCount ?? 0
    return {
      inputTokens: (of.promptTokenCount ?? 0) + (of.toolUsePromptTokenCount ?? 0) - cacheReadTokens,
      outputTokens: (of.candidatesTokenCount ?? 0) + (of.thoughtsTokenCount ?? 0),
      cacheReadTokens,
    } satisfies CallUsage
  },
  error: (status, message) => ({ error: { code: status, message, status: status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE' } }),
}
