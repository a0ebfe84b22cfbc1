import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claudeRuntime } from './claude.ts'
import { claudeParser } from './claude-events.ts'
import type { AgentEvent, EndEvent } from './runtime.ts'

const runtime = claudeRuntime({ env: {}, toolsDir: '/nowhere' })
const SESSION = 'c731cd02-38dd-42df-9ee9-66bd62b01884'

function parse(...lines: unknown[]): AgentEvent[] {
  const parser = claudeParser()
  const bytes = Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return [...parser.push(bytes), ...parser.end()]
}

const assistant = (id: string, content: unknown[], more: object = {}) => ({
  type: 'assistant',
  session_id: SESSION,
  parent_tool_use_id: null,
  message: { id, role: 'assistant', content, usage: { input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 3 } },
  ...more,
})
const result = (more: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  api_error_status: null,
  result: 'ok',
  session_id: SESSION,
  num_turns: 1,
  total_cost_usd: 99,
  usage: { input_tokens: 7, output_tokens: 20, cache_read_input_tokens: 3 },
  ...more,
})
const model = (costUSD: number) => ({
  inputTokens: 10,
  outputTokens: 20,
  cacheReadInputTokens: 30,
  cacheCreationInputTokens: 5,
  costUSD,
})
const usages = (events: AgentEvent[]) => events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
const endOf = (events: AgentEvent[]) => events.find((event): event is EndEvent => event.type === 'end') ?? null
const judged = (events: AgentEvent[], exitCode: number, stderrTail = '') =>
  runtime.outcome({ exitCode, signal: null, sawEnd: endOf(events), stderrTail })

describe('claudeParser', () => {
  it('[AGT-4] counts a message once, though each of its blocks comes in a line of its own', () => {
    const events = parse(
      assistant('m1', [{ type: 'text', text: 'Hi' }]),
      assistant('m1', [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'npm test\nmore' } }]),
      assistant('m2', [{ type: 'tool_use', id: 't2', name: 'Bash', input: {} }]),
    )
    expect(usages(events).at(-1)).toEqual({ inputTokens: 14, cacheReadTokens: 6, turns: 2, toolCalls: 2 })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool-start', id: 't1', name: 'Bash', kind: 'command', detail: 'npm test' }),
    )
  })

  it('[AGT-4] leaves unknown what is not told: output tokens while it works, the cost of a resumed session', () => {
    const events = parse(assistant('m1', [{ type: 'text', text: 'Hi' }]), result())
    expect(usages(events)).toEqual([
      { inputTokens: 7, cacheReadTokens: 3, turns: 1, toolCalls: 0 },
      { inputTokens: 7, outputTokens: 20, cacheReadTokens: 3, turns: 1, toolCalls: 0 },
    ])
    expect(usages(parse({ type: 'result', is_error: false })).at(-1)).toEqual({ turns: 0, toolCalls: 0 })
  })

  it('[AGT-4] adds up all models and all results of the process', () => {
    const first = result({ model_usage_since_last_result: { a: model(0.5), b: model(0.25) } })
    const second = result({ model_usage_since_last_result: { a: model(0.25) } })
    expect(usages(parse(first, second)).at(-1)).toEqual({
      inputTokens: 45,
      outputTokens: 60,
      cacheReadTokens: 90,
      costUsd: 1,
      turns: 0,
      toolCalls: 0,
    })
  })

  it('[AGT-4] shows what an agent of the agent uses, but not what it says', () => {
    const blocks = [
      { type: 'text', text: 'inner' },
      { type: 'tool_use', id: 't', name: 'Read', input: { file_path: '/a' } },
    ]
    const events = parse(assistant('m', blocks, { parent_tool_use_id: 'outer' }))
    expect(events.map(({ type }) => type)).toEqual(['session', 'tool-start', 'usage'])
  })

  it('[AGT-4] ignores what it does not know and what is torn, and reads on', () => {
    const events = parse(
      'Warning: something',
      { type: 'novelty', session_id: 'x' },
      { type: 'assistant', message: 'odd' },
      'null',
      '{"type":"assistant","mess',
      `"${'x'.repeat(2 * 1024 * 1024)}"`,
      assistant('m', [
        { type: 'thinking', thinking: '…' },
        { type: 'text', text: 'Still here' },
      ]),
      '{"type":"result","is_er',
    )
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual(['Still here'])
    expect(endOf(events)).toBeNull()
  })

  it('[AGT-4] never throws, whatever comes', () => {
    const junk = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((json) => `{"type":"assistant","message":${json}}`),
    )
    const odd = fc.json().map((json) => `{"type":"result","is_error":${json},"usage":${json},"result":${json}}`)
    fc.assert(fc.property(fc.array(fc.oneof(junk, odd)), (lines) => void parse(...lines)))
  })
})

describe('the outcome of Claude Code', () => {
  it.each([
    [{ api_error_status: 401 }, 'model'],
    [{ api_error_status: 403 }, 'model'],
    [{ api_error_status: 429 }, 'rate-limit'],
    [{ api_error_status: 500 }, 'model'],
    [{ api_error_status: 529 }, 'model'],
    [{ api_error_status: null, terminal_reason: 'api_error' }, 'model'],
    [{ api_error_status: null, subtype: 'error_during_execution', errors: ['no such thing'] }, 'agent'],
  ])('[AGT-5] takes the cause from the fields of the last event: %j is %s', (fields, cause) => {
    const outcome = judged(parse(result({ is_error: true, ...fields })), 1)
    expect(outcome).toMatchObject({ ok: false, failure: { cause } })
  })

  it('[AGT-5] does not read words: the same ones, whatever they say, change nothing', () => {
    const words = ['line 1401', '401 rate limit', '429 Too Many Requests', 'authentication_error', 'overloaded']
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.string(), (word, noise) => {
        const said = `${noise} ${word}`
        const well = parse(assistant('m', [{ type: 'text', text: said }]), result({ result: said }))
        expect(judged(well, 0, said)).toEqual({ ok: true })
        const badly = parse(result({ is_error: true, result: said, terminal_reason: 'max_turns' }))
        expect(judged(badly, 1, said)).toMatchObject({ failure: { cause: 'agent' } })
        expect(judged([], 1, said)).toMatchObject({ failure: { cause: 'agent' } })
      }),
    )
  })

  it('[AGT-5] is a failure without a terminal event, and with an exit code other than 0 after a good one', () => {
    expect(judged([], 0)).toMatchObject({ ok: false, failure: { cause: 'agent' } })
    expect(judged(parse(result()), 1)).toMatchObject({ ok: false, failure: { cause: 'agent' } })
  })
})
