import { lineReader, parseJson } from './json-lines.ts'
import { PiLine, type PiMessage, refusalStatus } from './pi-schema.ts'
import { piUsage } from './pi-usage.ts'
import type { AgentEvent, EndEvent, EventParser } from './runtime.ts'
import { resultText, shortLine, type ToolKinds, toolStart } from './tool-call.ts'

const MESSAGE_MAX_CHARS = 2_000
const RATE_LIMITED = 429
const TOOLS: ToolKinds = new Map([
  ['edit', 'edit'],
  ['write', 'edit'],
  ['read', 'read'],
  ['ls', 'search'],
  ['find', 'search'],
  ['grep', 'search'],
  ['bash', 'command'],
])

/** Reads Pi's JSON mode. Lines it does not know, torn ones and too long ones are left out. */
export function piParser(): EventParser {
  const lines = lineReader()
  const usage = piUsage()
  /** How the last answer of the model ended: it is what the end is judged by. */
  let last: PiMessage | undefined

  function eventsOf(text: string): AgentEvent[] {
    const parsed = PiLine.safeParse(parseJson(text))
    if (!parsed.success) return []
    const line = parsed.data
    switch (line.type) {
      case 'session':
        return [{ type: 'session', id: line.id }]
      case 'message_end': {
        last = line.message
        const spoken = line.message.content.flatMap((block) => (block.type === 'text' && block.text !== '' ? [block] : []))
        return [...spoken, { type: 'usage', usage: usage.answer(line.message.usage) }]
      }
      case 'tool_execution_start':
        usage.toolCall()
        return [
          toolStart({ id: line.toolCallId, name: line.toolName, input: line.args }, TOOLS),
          { type: 'usage', usage: usage.total() },
        ]
      case 'tool_execution_end':
        return [
          { type: 'tool-end', id: line.toolCallId, ok: !line.isError, detail: shortLine(resultText(line.result?.content)) },
        ]
      case 'agent_settled':
        return [endOf(last)]
    }
  }

  const read = (line: ReturnType<typeof lines.push>[number]) => (line.kind === 'line' ? eventsOf(line.text) : [])
  return { push: (chunk) => lines.push(chunk).flatMap(read), end: () => lines.end().flatMap(read) }
}

/** The cause comes from the kind of end and the status of a refusal, never from words. */
function endOf(last: PiMessage | undefined): EndEvent {
  if (last === undefined) return failure('agent', 'Pi ended without an answer of the model.')
  if (last.stopReason === 'aborted') return failure('agent', 'Pi aborted its work.')
  if (last.stopReason !== 'error') return { type: 'end', ok: true }
  const cause = refusalStatus(last.errorMessage) === RATE_LIMITED ? 'rate-limit' : 'model'
  return failure(cause, last.errorMessage ?? 'Pi reported an error without words.')
}

function failure(cause: 'agent' | 'model' | 'rate-limit', message: string): EndEvent {
  return { type: 'end', ok: false, error: { cause, message: message.slice(0, MESSAGE_MAX_CHARS) } }
}
