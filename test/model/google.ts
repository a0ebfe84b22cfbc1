/** Google's generateContent, streamed and whole: https://ai.google.dev/api/generate-content. */
import { z } from 'zod'
import type { ModelRequest, Reply, WireFormat } from './script.ts'

const PATH = /^\/v1(?:beta)?\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/
const Content = z.looseObject({ role: z.string().default('user'), parts: z.array(z.looseObject({})).default([]) })
const Body = z.looseObject({
  contents: z.array(Content),
  systemInstruction: Content.optional(),
  tools: z.array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).default([]) })).default([]),
})

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}

export const googleGenerateContent: WireFormat = {
  name: 'google-generate-content',
  overloaded: 503,
  route(method, path) {
    const action = method === 'POST' ? actionOf(path) : null
    if (action === null) return null
    return action.name === 'countTokens' ? 'count' : 'message'
  },
  read(path, body) {
    const { contents, systemInstruction, tools } = Body.parse(body)
    const action = actionOf(path)
    return {
      model: action?.model ?? '',
      stream: action?.name === 'streamGenerateContent',
      system: systemInstruction === undefined ? '' : textOf(systemInstruction),
      messages: contents.map((content) => ({
        role: content.role === 'model' ? 'assistant' : content.role,
        text: textOf(content),
      })),
      tools: tools.flatMap(({ functionDeclarations }) => functionDeclarations.map(({ name }) => name)),
    }
  },
  whole(reply, request) {
    return { ...chunk(reply, request, partsOf(reply, [reply.text]), true), usageMetadata: usage(reply) }
  },
  frames(reply, request) {
    const middle = Math.ceil(reply.text.length / 2)
    const halves = [reply.text.slice(0, middle), reply.text.slice(middle)]
    const pieces = partsOf(reply, halves).map((part) => frame(chunk(reply, request, [part], false)))
    const last = { ...chunk(reply, request, [{ text: '' }], true), usageMetadata: usage(reply) }
    return [...pieces, frame(last)]
  },
  count(request) {
    return { totalTokens: request.messages.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0) }
  },
  error,
  overflow: () => ({
    status: 400,
    body: error(400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
  }),
}

function actionOf(path: string): { model: string; name: string } | null {
  const [, model, name] = PATH.exec(new URL(path, 'http://loopback').pathname) ?? []
  return model === undefined || name === undefined ? null : { model, name }
}

function error(status: number, message: string) {
  return { error: { code: status, message, status: STATUSES[status] ?? 'INTERNAL' } }
}

function textOf({ parts }: z.infer<typeof Content>): string {
  return parts.map((part) => (typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n')
}

function partsOf(reply: Reply, texts: readonly string[]): object[] {
  const spoken = texts.filter((text) => text !== '').map((text) => ({ text }))
  return [...spoken, ...reply.calls.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } }))]
}

function chunk(reply: Reply, request: ModelRequest, parts: object[], ends: boolean) {
  const candidate = { index: 0, content: { role: 'model', parts }, ...(ends ? { finishReason: 'STOP' } : {}) }
  return { candidates: [candidate], modelVersion: request.model, responseId: reply.id }
}

/** Cached tokens are part of the prompt's here. */
function usage({ tokens: { input, output, cacheRead } }: Reply) {
  return {
    promptTokenCount: input + cacheRead,
    candidatesTokenCount: output,
    totalTokenCount: input + cacheRead + output,
    cachedContentTokenCount: cacheRead,
  }
}

function frame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
