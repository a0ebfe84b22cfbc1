/**
 * OpenAI Responses, streamed and whole: https://platform.openai.com/docs/api-reference/responses and
 * …/responses-streaming.
 */
import { z } from 'zod'
import { openaiError } from './openai-error.ts'
import type { ModelRequest, Reply, WireFormat } from './script.ts'

const Content = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))])
const Item = z.looseObject({ type: z.string().default('message'), role: z.string().optional(), content: Content.nullish() })
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  instructions: z.string().nullish(),
  input: z.union([z.string().transform((content) => [{ type: 'message', role: 'user', content }]), z.array(Item)]),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).nullish(),
})
type StreamEvent = { type: string } & Record<string, unknown>
const OPERATORS = ['system', 'developer']

export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  overloaded: 503,
  route(method, path) {
    const { pathname } = new URL(path, 'http://loopback')
    return method === 'POST' && pathname.endsWith('/responses') ? 'message' : null
  },
  read(_path, body) {
    const { model, stream, instructions, input, tools } = Body.parse(body)
    const texts = input.map((item) => ({ role: roleOf(item), text: textOf(item) }))
    const operators = texts.flatMap(({ role, text }) => (OPERATORS.includes(role) ? [text] : []))
    return {
      model,
      stream: stream ?? false,
      system: [instructions ?? '', ...operators].join('\n'),
      messages: texts.filter(({ role }) => !OPERATORS.includes(role)),
      tools: (tools ?? []).map(({ type, name }) => name ?? type),
    }
  },
  whole(reply, request) {
    return {
      ...envelope(reply, request),
      status: 'completed',
      output: items(reply).map(({ item }) => item),
      usage: usage(reply),
    }
  },
  frames(reply, request) {
    const started = { ...envelope(reply, request), status: 'in_progress', output: [], usage: null }
    const events: StreamEvent[] = [
      { type: 'response.created', response: started },
      { type: 'response.in_progress', response: started },
      ...items(reply).flatMap(({ item, begun, between }, output_index) => [
        { type: 'response.output_item.added', output_index, item: begun },
        ...between.map((event) => ({ ...event, output_index, item_id: item.id })),
        { type: 'response.output_item.done', output_index, item },
      ]),
      { type: 'response.completed', response: this.whole(reply, request) },
    ]
    return events.map((event, sequence_number) => frame({ ...event, sequence_number }))
  },
  error: openaiError,
  overflow: () => ({
    status: 400,
    body: openaiError(400, 'Your input exceeds the context window of this model.', 'context_length_exceeded'),
  }),
}

function roleOf({ type, role }: z.infer<typeof Item>): string {
  if (role !== undefined) return role
  return type.endsWith('_output') ? 'tool' : 'assistant'
}

function textOf(item: z.infer<typeof Item>): string {
  if (item.content === undefined || item.content === null) return JSON.stringify(item)
  if (typeof item.content === 'string') return item.content
  return item.content.map((part) => (typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n')
}

function envelope(reply: Reply, request: ModelRequest) {
  return { id: reply.id, object: 'response', created_at: 0, model: request.model, error: null }
}

/** Each item as it begins, the events between, and as it is when it is done. */
function items(reply: Reply) {
  const id = (index: number) => `item_${reply.id}_${index}`
  return [
    ...(reply.text === '' ? [] : [textItem(id(0), reply.text)]),
    ...reply.calls.map((call, at) => callItem(id(at + 1), call)),
  ]
}

function textItem(id: string, text: string) {
  const part = { type: 'output_text', text, annotations: [] }
  const message = { type: 'message', id, role: 'assistant' }
  return {
    item: { ...message, status: 'completed', content: [part] },
    begun: { ...message, status: 'in_progress', content: [] },
    between: [
      { type: 'response.content_part.added', content_index: 0, part: { ...part, text: '' } },
      { type: 'response.output_text.delta', content_index: 0, delta: text },
      { type: 'response.output_text.done', content_index: 0, text },
      { type: 'response.content_part.done', content_index: 0, part },
    ] as StreamEvent[],
  }
}

function callItem(id: string, call: Reply['calls'][number]) {
  const whole = JSON.stringify(call.input)
  const named = { type: 'function_call', id, call_id: call.id, name: call.name }
  return {
    item: { ...named, status: 'completed', arguments: whole },
    begun: { ...named, status: 'in_progress', arguments: '' },
    between: [
      { type: 'response.function_call_arguments.delta', delta: whole },
      { type: 'response.function_call_arguments.done', arguments: whole },
    ] as StreamEvent[],
  }
}

/** Cached tokens are part of the input's here. */
function usage({ tokens: { input, output, cacheRead } }: Reply) {
  return {
    input_tokens: input + cacheRead,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + cacheRead + output,
  }
}

function frame(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
