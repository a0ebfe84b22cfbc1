import { describe, expect, it } from 'vitest'
import { endOf, eventsOf, recorded, standsAnyStream } from './fixtures/parser-contract.ts'
import { geminiRuntime } from './gemini.ts'
import { geminiParser } from './gemini-events.ts'

const runtime = geminiRuntime({ env: {}, toolsDir: '/nowhere' })
const lines = (...all: object[]) => Buffer.from(all.map((line) => JSON.stringify(line)).join('\n'))
const judged = (bytes: Buffer, exitCode: number | null = 0) =>
  runtime.outcome({ exitCode, signal: null, sawEnd: endOf(eventsOf(geminiParser(), bytes)), stderrTail: '' })
const result = (more: object) => ({ type: 'result', status: 'error', ...more })
const LIMITED = 429 & 0xff

describe('geminiParser', () => {
  standsAnyStream(geminiParser, 'gemini-work.jsonl')

  it('[AGT-4] tells session, whole texts, tools with their kind, to-dos and the usage', () => {
    const events = eventsOf(geminiParser(), recorded('gemini-work.jsonl'))
    expect(events[0]).toEqual({ type: 'session', id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual(['I will write it.', 'Finished.'])
    const started = events.flatMap((event) => (event.type === 'tool-start' ? [event] : []))
    expect(started.map(({ name, kind }) => [name, kind])).toEqual([
      ['write_file', 'edit'],
      ['replace', 'edit'],
      ['write_todos', 'other'],
      ['run_shell_command', 'command'],
      ['run_shell_command', 'command'],
    ])
    expect(events).toContainEqual({ type: 'todos', done: 1, total: 2 })
    expect(events.findLast((event) => event.type === 'usage')).toEqual({
      type: 'usage',
      usage: { inputTokens: 600, outputTokens: 120, cacheReadTokens: 60, turns: 6, toolCalls: 5 },
    })
    expect(events.at(-1)).toEqual({ type: 'end', ok: true })
  })

  it('[AGT-4] counts an answer with two tools once, and leaves the tokens unknown where it knows of no answer', () => {
    const use = (tool_id: string) => ({ type: 'tool_use', tool_name: 'glob', tool_id, parameters: {} })
    const done = (tool_id: string) => ({ type: 'tool_result', tool_id, status: 'error', error: { message: 'No.\nMore.' } })
    const none = { input: 0, output_tokens: 0, cached: 0 }
    const events = eventsOf(geminiParser(), lines(use('1'), use('2'), done('1'), done('2'), use('3'), result({ stats: none })))
    expect(events.findLast((event) => event.type === 'usage')).toEqual({ type: 'usage', usage: { turns: 2, toolCalls: 3 } })
    expect(events).toContainEqual({ type: 'tool-end', id: '2', ok: false, detail: 'No.' })
  })

  it('[AGT-4] tells a text before it grows without end', () => {
    const piece = { type: 'message', role: 'assistant', content: 'x'.repeat(20_000) }
    const parser = geminiParser()
    expect(parser.push(lines(piece, piece, piece)).filter((event) => event.type === 'text')).toHaveLength(1)
  })

  it('[AGT-5] judges by the result, its type and the exit code', () => {
    expect(judged(recorded('gemini-429.jsonl'), LIMITED)).toMatchObject({ ok: false, failure: { cause: 'rate-limit' } })
    expect(judged(recorded('gemini-429.jsonl'), 1)).toMatchObject({ failure: { cause: 'model' } })
    expect(judged(recorded('gemini-broken-off.jsonl'))).toMatchObject({ ok: false, failure: { cause: 'model' } })
    const turns = result({ error: { type: 'FatalTurnLimitedError', message: '429 rate limit' } })
    expect(judged(lines(turns), LIMITED)).toMatchObject({ failure: { cause: 'agent' } })
    expect(judged(lines(result({ status: 'success' })), 1)).toMatchObject({ failure: { cause: 'agent' } })
    expect(judged(lines(result({ status: 'success' })))).toEqual({ ok: true })
    expect(judged(lines({ type: 'init', session_id: 's' }), 137)).toMatchObject({ failure: { cause: 'agent' } })
  })
})
