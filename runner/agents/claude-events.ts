import type { Cause } from '../../src/contract/failure.ts'
import { type ClaudeBlock, ClaudeLine, type ClaudeResult, TodoInput } from './claude-schema.ts'
import { claudeUsage } from './claude-usage.ts'
import { lineReader, parseJson } from './json-lines.ts'
import type { AgentEvent, EndEvent, EventParser } from './runtime.ts'

const DETAIL_MAX_CHARS = 200
const MESSAGE_MAX_CHARS = 2_000
const RATE_LIMITED = 429
/** Fields of a tool's input that tell people best what it is about, best first. */
const TELLING_FIELDS = ['command', 'file_path', 'notebook_path', 'pattern', 'url', 'query', 'description', 'path'] as const

/** Reads Claude Code's `stream-json`. Lines it does not know, torn ones and too long ones are left out. */
export function claudeParser(): EventParser {
  const lines = lineReader()
  const usage = claudeUsage()
  let session: string | undefined

  function sessionOf(line: ClaudeLine): AgentEvent[] {
    if (line.session_id === undefined || line.session_id === session) return []
    session = line.session_id
    return [{ type: 'session', id: session }]
  }

  function eventsOf(text: string): AgentEvent[] {
    const parsed = ClaudeLine.safeParse(parseJson(text))
    if (!parsed.success) return []
    const line = parsed.data
    const session = sessionOf(line)
    switch (line.type) {
      case 'system':
        return session
      case 'assistant': {
        if (line.is_api_error_message) return session
        const spoken = line.message.content.flatMap((block) => blockEvents(block, line.parent_tool_use_id == null))
        return [...session, ...spoken, { type: 'usage', usage: usage.message(line.message) }]
      }
      case 'user':
        return [...session, ...line.message.content.flatMap((block) => blockEvents(block, false))]
      case 'result':
        return [...session, { type: 'usage', usage: usage.result(line) }, endOf(line)]
    }
  }

  const read = (line: ReturnType<typeof lines.push>[number]) => (line.kind === 'line' ? eventsOf(line.text) : [])
  return { push: (chunk) => lines.push(chunk).flatMap(read), end: () => lines.end().flatMap(read) }
}

function blockEvents(block: ClaudeBlock, speaks: boolean): AgentEvent[] {
  switch (block.type) {
    case 'text':
      return speaks && block.text !== '' ? [{ type: 'text', text: block.text }] : []
    case 'tool_use':
      return [{ type: 'tool-start', id: block.id, name: block.name, detail: inputDetail(block.input) }, ...todosOf(block)]
    case 'tool_result':
      return [{ type: 'tool-end', id: block.tool_use_id, ok: !block.is_error, detail: shortLine(textOf(block.content)) }]
    case 'other':
      return []
  }
}

function todosOf(block: { name: string; input: Record<string, unknown> }): AgentEvent[] {
  if (block.name !== 'TodoWrite') return []
  const input = TodoInput.safeParse(block.input)
  if (!input.success) return []
  const { todos } = input.data
  return [{ type: 'todos', done: todos.filter(({ status }) => status === 'completed').length, total: todos.length }]
}

/** The cause comes from the status and the reason that the event carries, never from its words. */
function endOf(result: ClaudeResult): EndEvent {
  if (!result.is_error) return { type: 'end', ok: true }
  const words = result.result ?? result.errors?.join('; ') ?? 'Claude Code reported an error without words.'
  return { type: 'end', ok: false, error: { cause: causeOf(result), message: words.slice(0, MESSAGE_MAX_CHARS) } }
}

function causeOf({ api_error_status, terminal_reason }: ClaudeResult): Cause {
  if (api_error_status === RATE_LIMITED) return 'rate-limit'
  if (typeof api_error_status === 'number' || terminal_reason === 'api_error') return 'model'
  return 'agent'
}

function inputDetail(input: Record<string, unknown>): string {
  for (const field of TELLING_FIELDS) {
    const value = input[field]
    if (typeof value === 'string') return shortLine(value)
  }
  return ''
}

/** The text of a tool's result, which is a string or a list of blocks. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const first: unknown = content.find((block: unknown) => typeof block === 'object' && block !== null && 'text' in block)
  if (typeof first !== 'object' || first === null || !('text' in first)) return ''
  return typeof first.text === 'string' ? first.text : ''
}

function shortLine(text: string): string {
  const line = text.trimStart().split('\n', 1)[0] ?? ''
  return line.length <= DETAIL_MAX_CHARS ? line : `${line.slice(0, DETAIL_MAX_CHARS - 1)}…`
}
