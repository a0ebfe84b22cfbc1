import type { Cause } from '../../src/contract/failure.ts'
import { lineReader, parseJson } from './json-lines.ts'
import { OpencodeLine, TodoInput } from './opencode-schema.ts'
import type { AgentEvent, EndEvent, EventParser } from './runtime.ts'
import { shortLine, type ToolKinds, toolStart } from './tool-call.ts'

const MESSAGE_MAX_CHARS = 2_000
const RATE_LIMITED = 429
/** Why a step of the model ends after which OpenCode goes on by itself. */
const GOES_ON: ReadonlySet<string> = new Set(['tool-calls', 'unknown'])
const TOOLS: ToolKinds = new Map([
  ['write', 'edit'],
  ['edit', 'edit'],
  ['apply_patch', 'edit'],
  ['read', 'read'],
  ['glob', 'search'],
  ['grep', 'search'],
  ['list', 'search'],
  ['webfetch', 'web'],
  ['websearch', 'web'],
  ['bash', 'command'],
])

type ToolUse = Extract<OpencodeLine, { type: 'tool_use' }>['part']

/**
 * Reads `opencode run --format json`. Lines it does not know, torn ones and too long ones are left out. A refusal by the model
 * on which OpenCode would ask again for minutes is taken for its end; an error stays its end, whatever it does after it.
 */
export function opencodeParser(): EventParser {
  const lines = lineReader()
  let session: string | undefined
  let usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, turns: 0, toolCalls: 0 }
  let failed = false

  function sessionOf(line: OpencodeLine): AgentEvent[] {
    if (!('sessionID' in line) || line.sessionID === undefined || line.sessionID === session) return []
    session = line.sessionID
    return [{ type: 'session', id: session }]
  }

  function eventsOf(line: OpencodeLine): AgentEvent[] {
    switch (line.type) {
      case 'step_start':
        return []
      case 'text':
        return line.part.text === '' || line.part.synthetic ? [] : [{ type: 'text', text: line.part.text }]
      case 'tool_use':
        usage = { ...usage, toolCalls: usage.toolCalls + 1 }
        return toolEvents(line.part)
      case 'step_finish': {
        const { tokens, reason } = line.part
        usage = {
          inputTokens: usage.inputTokens + (tokens?.input ?? 0) + (tokens?.cache.write ?? 0),
          outputTokens: usage.outputTokens + (tokens?.output ?? 0) + (tokens?.reasoning ?? 0),
          cacheReadTokens: usage.cacheReadTokens + (tokens?.cache.read ?? 0),
          turns: usage.turns + 1,
          toolCalls: usage.toolCalls,
        }
        const told: AgentEvent = { type: 'usage', usage }
        return GOES_ON.has(reason) || failed ? [told] : [told, { type: 'end', ok: true }]
      }
      case 'error': {
        if (failed) return []
        failed = true
        const { name, data } = line.error
        return [endOf(causeOf(name, data.statusCode), data.message ?? name)]
      }
      case 'switchyard.refused':
        if (failed || !isAskedAgain(line.status)) return []
        failed = true
        return [{ ...endOf(causeOf('', line.status), `The model answered with status ${line.status}.`), stop: true }]
    }
  }

  function read(line: ReturnType<typeof lines.push>[number]): AgentEvent[] {
    if (line.kind !== 'line') return []
    const parsed = OpencodeLine.safeParse(parseJson(line.text))
    return parsed.success ? [...sessionOf(parsed.data), ...eventsOf(parsed.data)] : []
  }
  return { push: (chunk) => lines.push(chunk).flatMap(read), end: () => lines.end().flatMap(read) }
}

/** A use comes once, when it is over. */
function toolEvents({ callID: id, tool: name, state }: ToolUse): AgentEvent[] {
  const ok = state.status === 'completed' && (state.metadata.exit ?? 0) === 0
  const detail = shortLine(state.status === 'completed' ? state.output : state.error)
  return [
    toolStart({ id, name, input: state.input }, TOOLS),
    { type: 'tool-end', id, ok, detail },
    ...todosOf(name, state.input),
  ]
}

function todosOf(name: string, input: Record<string, unknown>): AgentEvent[] {
  const list = name === 'todowrite' ? TodoInput.safeParse(input) : undefined
  if (list?.success !== true) return []
  const { todos } = list.data
  return [{ type: 'todos', done: todos.filter(({ status }) => status === 'completed').length, total: todos.length }]
}

/** Refusals on which OpenCode asks again. */
function isAskedAgain(status: number): boolean {
  return status === 408 || status === 409 || status === RATE_LIMITED || status >= 500
}

/** By the error's status and its name, never by its words. */
function causeOf(name: string, status: number | undefined): Cause {
  if (status === RATE_LIMITED) return 'rate-limit'
  const ofTheModel =
    status !== undefined || name === 'APIError' || name === 'ContextOverflowError' || name === 'ProviderAuthError'
  return ofTheModel ? 'model' : 'agent'
}

function endOf(cause: Cause, message: string): EndEvent {
  return { type: 'end', ok: false, error: { cause, message: message.slice(0, MESSAGE_MAX_CHARS) } }
}
