/** Anthropic Messages, streamed and whole: https://docs.claude.com/en/api/messages and …/messages-streaming. */
import { z } from 'zod'
import type { ModelRequest, Reply, WireFormat } from './script.ts'

const Content = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))])
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  system: Content.default(''),
  messages: z.array(z.looseObject({ role: z.string(), content: Content })),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
})

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
}

export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  overloaded: 529,
  route(method, path) {
    if (method !== 'POST') return null
    const { pathname } = new URL(path, 'http://loopback')
    if (pathname === '/v1/messages') return 'message'
    return pathname === '/v1/messages/count_tokens' ? 'count' : null
  },
  read(_path, body) {
    const { model, stream, system, messages, tools } = Body.parse(body)
    return {
      model,
      stream,
      system: textOf(system),
      messages: messages.map(({ role, content }) => ({ role, text: textOf(content) })),
      tools: tools.map(({ name }) => name),
    }
  },
  whole(reply, request) {
    const text = reply.text === '' ? [] : [{ type: 'text', text: reply.text }]
    return {
      ...envelope(reply, request),
      content: [...text, ...reply.calls.map((call) => ({ type: 'tool_use', ...call }))],
      stop_reason: stopReason(reply),
      usage: usage(reply),
    }
  },
  frames(reply, request) {
    const start = { ...envelope(reply, request), content: [], stop_reason: null, usage: { ...usage(reply), output_tokens: 1 } }
    return [
      frame('message_start', { message: start }),
      ...blocks(reply).flatMap(({ block, delta }, index) => [
        frame('content_block_start', { index, content_block: block }),
        frame('content_block_delta', { index, delta }),
        frame('content_block_stop', { index }),
      ]),
      frame('message_delta', {
        delta: { stop_reason: stopReason(reply), stop_sequence: null },
        usage: { output_tokens: reply.tokens.output },
      }),
      frame('message_stop', {}),
    ]
  },
  count(request) {
    return { input_tokens: request.messages.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0) }
  },
  error,
  overflow: () => ({ status: 400, body: error(400, 'prompt is too long: 250000 tokens > 200000 maximum') }),
}

function error(status: number, message: string) {
  return { type: 'error', error: { type: ERROR_TYPES[status] ?? 'api_error', message } }
}

function textOf(content: z.infer<typeof Content>): string {
  if (typeof content === 'string') return content
  return content.map((block) => (typeof block.text === 'string' ? block.text : JSON.stringify(block))).join('\n')
}

function envelope(reply: Reply, request: ModelRequest) {
  return { id: reply.id, type: 'message', role: 'assistant', model: request.model, stop_sequence: null }
}

function blocks(reply: Reply) {
  const text =
    reply.text === '' ? [] : [{ block: { type: 'text', text: '' }, delta: { type: 'text_delta', text: reply.text } as object }]
  const calls = reply.calls.map(({ id, name, input }) => ({
    block: { type: 'tool_use', id, name, input: {} },
    delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) } as object,
  }))
  return [...text, ...calls]
}

function usage({ tokens }: Reply) {
  return {
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation_input_tokens: 0,
  }
}

function stopReason(reply: Reply): string {
  return reply.calls.length > 0 ? 'tool_use' : 'end_turn'
}

function frame(event: string, data: Record<string, unknown>): string {
  return `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`
}
