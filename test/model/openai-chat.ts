/** OpenAI Chat Completions, streamed and whole: https://platform.openai.com/docs/api-reference/chat. */
import { z } from 'zod'
import { openaiError } from './openai-error.ts'
import type { ModelRequest, Reply, WireFormat } from './script.ts'

const Content = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish()
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: Content, tool_calls: z.array(z.unknown()).nullish() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }).optional() })).nullish(),
})
const OPERATORS = ['system', 'developer']

export const openaiChat: WireFormat = {
  name: 'openai-chat',
  overloaded: 503,
  route(method, path) {
    const { pathname } = new URL(path, 'http://loopback')
    return method === 'POST' && pathname.endsWith('/chat/completions') ? 'message' : null
  },
  read(_path, body) {
    const { model, stream, messages, tools } = Body.parse(body)
    const texts = messages.map(({ role, content, tool_calls }) => ({
      role,
      text: [textOf(content), ...(tool_calls ?? []).map((call) => JSON.stringify(call))]
        .filter((text) => text !== '')
        .join('\n'),
    }))
    return {
      model,
      stream: stream ?? false,
      system: texts.flatMap(({ role, text }) => (OPERATORS.includes(role) ? [text] : [])).join('\n'),
      messages: texts.filter(({ role }) => !OPERATORS.includes(role)),
      tools: (tools ?? []).flatMap((tool) => (tool.function === undefined ? [] : [tool.function.name])),
    }
  },
  whole(reply, request) {
    const message = { role: 'assistant', content: reply.text === '' ? null : reply.text, ...toolCalls(reply) }
    return {
      ...envelope(reply, request, 'chat.completion'),
      choices: [{ index: 0, message, finish_reason: finishReason(reply) }],
      usage: usage(reply),
    }
  },
  frames(reply, request) {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      frame({ ...envelope(reply, request, 'chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason }] })
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(reply.text === '' ? [] : halves(reply.text).map((content) => chunk({ content }))),
      ...(toolCalls(reply).tool_calls ?? []).flatMap(({ function: { name, arguments: whole }, ...call }, index) => [
        chunk({ tool_calls: [{ index, ...call, function: { name, arguments: '' } }] }),
        ...halves(whole).map((half) => chunk({ tool_calls: [{ index, function: { arguments: half } }] })),
      ]),
      chunk({}, finishReason(reply)),
      frame({ ...envelope(reply, request, 'chat.completion.chunk'), choices: [], usage: usage(reply) }),
      'data: [DONE]\n\n',
    ]
  },
  error: openaiError,
  overflow: () => ({
    status: 400,
    body: openaiError(400, 'The input exceeds the context window of this model.', 'context_length_exceeded'),
  }),
}

function textOf(content: z.infer<typeof Content>): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => (typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n')
}

function envelope(reply: Reply, request: ModelRequest, object: string) {
  return { id: reply.id, object, created: 0, model: request.model }
}

function toolCalls({ calls }: Reply) {
  if (calls.length === 0) return {}
  const tool_calls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }))
  return { tool_calls }
}

/** Cached tokens are part of the prompt's here. */
function usage({ tokens: { input, output, cacheRead } }: Reply) {
  return {
    prompt_tokens: input + cacheRead,
    completion_tokens: output,
    total_tokens: input + cacheRead + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  }
}

function finishReason(reply: Reply): string {
  return reply.calls.length > 0 ? 'tool_calls' : 'stop'
}

/** Two pieces, so that whoever reads the stream has to put them together. */
function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '')
}

function frame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
