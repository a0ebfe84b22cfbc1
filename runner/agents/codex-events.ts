import { type CodexItem, CodexLine } from './codex-schema.ts'
import { lineReader, parseJson } from './json-lines.ts'
import type { AgentEvent, EventParser } from './runtime.ts'
import { shortLine, type ToolKinds, toolStart } from './tool-call.ts'

const MESSAGE_MAX_CHARS = 2_000
const TOOLS: ToolKinds = new Map([
  ['exec_command', 'command'],
  ['apply_patch', 'edit'],
  ['web_search', 'web'],
])

/**
 * Reads `codex exec --json`. Lines it does not know, torn ones and too long ones are left out. What its tokens and the
 * cause of a failed turn are, the stream does not tell well enough: see `codex-rollout.ts`.
 */
export function codexParser(): EventParser {
  const lines = lineReader()
  const started = new Set<string>()
  let toolCalls = 0

  function toolEvents(item: CodexItem, phase: 'started' | 'completed'): AgentEvent[] {
    const tool = toolOf(item)
    if (tool === null) return []
    const events: AgentEvent[] = []
    // Some items come only when they are done.
    if (!started.has(tool.id)) {
      toolCalls += 1
      events.push(toolStart(tool, TOOLS), { type: 'usage', usage: { toolCalls } })
    }
    if (phase === 'started') started.add(tool.id)
    else {
      started.delete(tool.id)
      events.push({ type: 'tool-end', id: tool.id, ok: tool.ok, detail: tool.detail })
    }
    return events
  }

  function eventsOf(text: string): AgentEvent[] {
    const parsed = CodexLine.safeParse(parseJson(text))
    if (!parsed.success) return []
    const line = parsed.data
    switch (line.type) {
      case 'thread.started':
        return [{ type: 'session', id: line.thread_id }]
      case 'item.started':
        return [...todosOf(line.item), ...toolEvents(line.item, 'started')]
      case 'item.updated':
        return todosOf(line.item)
      case 'item.completed':
        return [...textOf(line.item), ...todosOf(line.item), ...toolEvents(line.item, 'completed')]
      case 'turn.completed':
        return [{ type: 'end', ok: true }]
      case 'turn.failed':
        // A turn is the talk with the model; a tool that fails does not fail it.
        return [
          {
            type: 'end',
            ok: false,
            error: { cause: 'model', message: line.error.message.slice(0, MESSAGE_MAX_CHARS) },
          },
        ]
    }
  }

  const read = (line: ReturnType<typeof lines.push>[number]) => (line.kind === 'line' ? eventsOf(line.text) : [])
  return { push: (chunk) => lines.push(chunk).flatMap(read), end: () => lines.end().flatMap(read) }
}

function textOf(item: CodexItem): AgentEvent[] {
  return item.type === 'agent_message' && item.text !== '' ? [{ type: 'text', text: item.text }] : []
}

function todosOf(item: CodexItem): AgentEvent[] {
  if (item.type !== 'todo_list') return []
  return [{ type: 'todos', done: item.items.filter(({ completed }) => completed).length, total: item.items.length }]
}

/** An item that is the use of a tool, or null. The names are those by which the model calls them. */
function toolOf(item: CodexItem) {
  switch (item.type) {
    case 'command_execution': {
      const { id, command, aggregated_output, exit_code } = item
      return { id, name: 'exec_command', input: { command }, ok: exit_code === 0, detail: shortLine(aggregated_output) }
    }
    case 'file_change': {
      const files = item.changes.map(({ path }) => path).join(', ')
      return { id: item.id, name: 'apply_patch', input: { path: files }, ok: item.status === 'completed', detail: '' }
    }
    case 'mcp_tool_call': {
      const { id, server, tool, arguments: input, status } = item
      return { id, name: `${server}.${tool}`, input, ok: status === 'completed', detail: '' }
    }
    case 'web_search':
      return { id: item.id, name: 'web_search', input: { query: item.query }, ok: true, detail: '' }
    default:
      return null
  }
}
