import type { Usage } from '../../src/contract/job.ts'
import { GeminiLine, type GeminiResult, type GeminiStats, GeminiTodos } from './gemini-schema.ts'
import { lineReader, parseJson } from './json-lines.ts'
import type { AgentEvent, EndEvent, EventParser } from './runtime.ts'
import { shortLine, type ToolKinds, toolStart } from './tool-call.ts'

const MESSAGE_MAX_CHARS = 2_000
/** Longest text that is put together from its pieces before it is told, in characters. */
const TEXT_MAX_CHARS = 32_000
/** Errors of its own (`FatalTurnLimitedError`, …) have a name; what came of asking the model is of this type. */
const OF_THE_MODEL = 'unknown'
/** Its own tools; those of MCP servers are of the kind `other`. */
const TOOLS: ToolKinds = new Map([
  ['replace', 'edit'],
  ['write_file', 'edit'],
  ['read_file', 'read'],
  ['read_many_files', 'read'],
  ['read_background_output', 'read'],
  ['list_directory', 'search'],
  ['glob', 'search'],
  ['grep_search', 'search'],
  ['web_fetch', 'web'],
  ['google_web_search', 'web'],
  ['run_shell_command', 'command'],
])

/**
 * Reads Gemini CLI's `stream-json`. Lines it does not know, torn ones and too long ones are left out. A text comes in
 * pieces and is told whole, before what follows it.
 */
export function geminiParser(): EventParser {
  const lines = lineReader()
  let text = ''
  let toolCalls = 0
  let turns = 0
  /** The model is asked once for each row of tool calls that its answer has, and once more for the answer without one. */
  let inAnswer = false

  function said(): AgentEvent[] {
    if (text === '') return []
    const event: AgentEvent = { type: 'text', text }
    text = ''
    return [event]
  }

  function answering(): void {
    if (!inAnswer) turns += 1
    inAnswer = true
  }

  function eventsOf(line: GeminiLine): AgentEvent[] {
    switch (line.type) {
      case 'init':
        return [{ type: 'session', id: line.session_id }]
      case 'message': {
        if (line.role !== 'assistant') return []
        answering()
        text += line.content
        return text.length > TEXT_MAX_CHARS ? said() : []
      }
      case 'tool_use': {
        answering()
        toolCalls += 1
        const start = toolStart({ id: line.tool_id, name: line.tool_name, input: line.parameters }, TOOLS)
        return [...said(), start, ...todosOf(line), { type: 'usage', usage: { turns, toolCalls } }]
      }
      case 'tool_result': {
        inAnswer = false
        const ok = line.status === 'success'
        return [...said(), { type: 'tool-end', id: line.tool_id, ok, detail: shortLine(line.error?.message ?? line.output) }]
      }
      case 'result':
        return [...said(), { type: 'usage', usage: { ...tokens(line.stats), turns, toolCalls } }, endOf(line)]
    }
  }

  function read(line: ReturnType<typeof lines.push>[number]): AgentEvent[] {
    const parsed = line.kind === 'line' ? GeminiLine.safeParse(parseJson(line.text)) : null
    return parsed?.success === true ? eventsOf(parsed.data) : []
  }
  return {
    push: (chunk) => lines.push(chunk).flatMap(read),
    end: () => [...lines.end().flatMap(read), ...said()],
  }
}

function todosOf({ tool_name, parameters }: Extract<GeminiLine, { type: 'tool_use' }>): AgentEvent[] {
  if (tool_name !== 'write_todos') return []
  const input = GeminiTodos.safeParse(parameters)
  if (!input.success) return []
  const { todos } = input.data
  return [{ type: 'todos', done: todos.filter(({ status }) => status === 'completed').length, total: todos.length }]
}

/** Where it knows of no answer it says zero of everything: then the tokens are unknown. */
function tokens(stats: GeminiStats | undefined): Usage {
  if (stats?.input === undefined || stats.output_tokens === undefined) return {}
  if (stats.input === 0 && stats.output_tokens === 0) return {}
  const cached = stats.cached === undefined ? {} : { cacheReadTokens: stats.cached }
  return { inputTokens: stats.input, outputTokens: stats.output_tokens, ...cached }
}

/** The cause comes from the error's type, never from its words; without one the model's answer was no whole answer. */
function endOf({ status, error }: GeminiResult): EndEvent {
  if (status === 'success') return { type: 'end', ok: true }
  const cause = error === undefined || error.type === OF_THE_MODEL ? 'model' : 'agent'
  const message = error?.message ?? 'The answer of the model broke off.'
  return { type: 'end', ok: false, error: { cause, message: message.slice(0, MESSAGE_MAX_CHARS) } }
}
