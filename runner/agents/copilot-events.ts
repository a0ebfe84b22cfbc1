import type { Cause } from '../../src/contract/failure.ts'
import { CopilotLine } from './copilot-schema.ts'
import { lineReader, parseJson } from './json-lines.ts'
import type { AgentEvent, EndEvent, EventParser } from './runtime.ts'
import { shortLine, type ToolKinds, toolStart } from './tool-call.ts'

const MESSAGE_MAX_CHARS = 2_000
const RATE_LIMITED = 429
const TOOLS: ToolKinds = new Map([
  ['create', 'edit'],
  ['edit', 'edit'],
  ['apply_patch', 'edit'],
  ['view', 'read'],
  ['read_bash', 'read'],
  ['list_bash', 'read'],
  ['read_agent', 'read'],
  ['grep', 'search'],
  ['rg', 'search'],
  ['glob', 'search'],
  ['web_fetch', 'web'],
  ['web_search', 'web'],
  ['bash', 'command'],
])

/**
 * Reads the Copilot CLI's `--output-format json`. Lines it does not know, torn ones and too long ones are left out. The CLI
 * cannot be told not to try again for minutes when the model refuses, so the first such refusal is taken for its end.
 */
export function copilotParser(): EventParser {
  const lines = lineReader()
  let usage = { turns: 0, toolCalls: 0 }
  let cause: Cause = 'agent'
  let message = 'The Copilot CLI reported a failure.'
  let over = false

  function eventsOf(line: CopilotLine): AgentEvent[] {
    switch (line.type) {
      case 'assistant.turn_start':
        usage = { ...usage, turns: usage.turns + 1 }
        return [{ type: 'usage', usage }]
      case 'assistant.message':
        if (line.data.content === '' || line.data.parentToolCallId != null) return []
        return [{ type: 'text', text: line.data.content }]
      case 'tool.execution_start': {
        const { toolCallId: id, toolName: name, arguments: input } = line.data
        usage = { ...usage, toolCalls: usage.toolCalls + 1 }
        return [toolStart({ id, name, input }, TOOLS), { type: 'usage', usage }]
      }
      case 'tool.execution_complete': {
        const { toolCallId: id, success, result, shellExecution } = line.data
        const ok = success && (shellExecution?.exitCode ?? 0) === 0
        return [{ type: 'tool-end', id, ok, detail: shortLine(result?.content ?? '') }]
      }
      case 'model.call_failure': {
        const { statusCode, errorMessage } = line.data
        if (statusCode === undefined || !isTriedAgain(statusCode)) return []
        const refusal = `The model answered with status ${statusCode}: ${errorMessage}`
        return [{ ...endOf(statusCode === RATE_LIMITED ? 'rate-limit' : 'model', refusal), stop: true }]
      }
      case 'model.call_final_result':
        cause = causeOf(line.data.result)
        return []
      case 'session.error':
        message = line.data.message || message
        return []
      case 'result': {
        const named: AgentEvent[] = line.sessionId === undefined ? [] : [{ type: 'session', id: line.sessionId }]
        return [...named, line.exitCode === 0 ? { type: 'end', ok: true } : endOf(cause, message)]
      }
    }
  }

  function read(line: ReturnType<typeof lines.push>[number]): AgentEvent[] {
    if (line.kind !== 'line' || over) return []
    const parsed = CopilotLine.safeParse(parseJson(line.text))
    const events = parsed.success ? eventsOf(parsed.data) : []
    over = events.some((event) => event.type === 'end')
    return events
  }
  return { push: (chunk) => lines.push(chunk).flatMap(read), end: () => lines.end().flatMap(read) }
}

/** Other refusals the CLI takes as final, or shortens the prompt for. */
function isTriedAgain(status: number): boolean {
  return status === 401 || status === 403 || status === RATE_LIMITED || status >= 500
}

/** By the word for how the last call of the model ended. */
function causeOf(result: string): Cause {
  if (result === 'success') return 'agent'
  return result === `http_${RATE_LIMITED}` ? 'rate-limit' : 'model'
}

function endOf(cause: Cause, message: string): EndEvent {
  return { type: 'end', ok: false, error: { cause, message: message.slice(0, MESSAGE_MAX_CHARS) } }
}
