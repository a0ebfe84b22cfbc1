import type { Cause } from '../../src/contract/failure.ts'
import { type ClaudeBlock, ClaudeLine, type ClaudeResult, TodoInput } from './claude-schema.ts'
import { claudeUsage } from './claude-usage.ts'
import { lineReader, parseJson } from './json-lines.ts'
import type { AgentEvent, EndEvent, EventParser } from './runtime.ts'
import { resultText, shortLine, type ToolKinds, toolStart } from './tool-call.ts'

const MESSAGE_MAX_CHARS = 2_000
const RATE_LIMITED = 429
/** Claude Code's own tools; those of MCP servers are of the kind `other`. */
const TOOLS: ToolKinds = new Map([
  ['Edit', 'edit'],
  ['MultiEdit', 'edit'],
  ['Write', 'edit'],
  ['NotebookEdit', 'edit'],
  ['Read', 'read'],
  ['NotebookRead', 'read'],
  ['BashOutput', 'read'],
  ['TaskOutput', 'read'],
  ['Glob', 'search'],
  ['Grep', 'search'],
  ['LS', 'search'],
  ['ToolSearch', 'search'],
  ['LSP', 'search'],
  ['WebFetch', 'web'],
  ['WebSearch', 'web'],
  ['Bash', 'command'],
])

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
      return [toolStart(block, TOOLS), ...todosOf(block)]
    case 'tool_result':
      return [{ type: 'tool-end', id: block.tool_use_id, ok: !block.is_error, detail: shortLine(resultText(block.content)) }]
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
