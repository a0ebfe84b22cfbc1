import { describe, expect, it } from 'vitest'
import { endOf, eventsOf, recorded, standsAnyStream } from './fixtures/parser-contract.ts'
import { piRuntime } from './pi.ts'
import { piParser } from './pi-events.ts'

const runtime = piRuntime({ env: {}, toolsDir: '/nowhere' })
const lines = (...all: object[]) => Buffer.from(all.map((line) => JSON.stringify(line)).join('\n'))
const judged = (bytes: Buffer, exitCode: number | null = 0) =>
  runtime.outcome({ exitCode, signal: null, sawEnd: endOf(eventsOf(piParser(), bytes)), stderrTail: '' })
const settled = { type: 'agent_settled' }
const answer = (stopReason: string, errorMessage?: string) => ({
  type: 'message_end',
  message: { role: 'assistant', content: [], stopReason, errorMessage },
})

describe('piParser', () => {
  standsAnyStream(piParser, 'pi-work.jsonl')

  it('[AGT-4] tells session, texts, tools with their kind, and the usage summed over the answers', () => {
    const events = eventsOf(piParser(), recorded('pi-work.jsonl'))
    expect(events[0]).toEqual({ type: 'session', id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual(['I will write it.', 'Finished.'])
    const started = events.flatMap((event) => (event.type === 'tool-start' ? [event] : []))
    expect(started.map(({ name, kind }) => [name, kind])).toEqual([
      ['write', 'edit'],
      ['edit', 'edit'],
      ['bash', 'read'],
      ['bash', 'command'],
      ['bash', 'command'],
    ])
    const ended = events.flatMap((event) => (event.type === 'tool-end' ? [event.ok] : []))
    expect(ended).toEqual([true, true, true, false, true])
    expect(events.findLast((event) => event.type === 'usage')).toEqual({
      type: 'usage',
      usage: {
        inputTokens: 600,
        outputTokens: 120,
        cacheReadTokens: 60,
        costUsd: expect.closeTo(0.0036, 3),
        turns: 6,
        toolCalls: 5,
      },
    })
    expect(events.at(-1)).toEqual({ type: 'end', ok: true })
  })

  it('[AGT-4] leaves unknown what is not told: tokens without usage, a cost without a price', () => {
    const usage = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }
    const told = (...all: object[]) =>
      eventsOf(piParser(), lines(...all)).flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
    expect(told(answer('stop'))).toEqual([{ turns: 1, toolCalls: 0 }])
    const priced = { type: 'message_end', message: { role: 'assistant', content: [], stopReason: 'stop', usage } }
    expect(told(priced)).toEqual([{ inputTokens: 5, outputTokens: 2, cacheReadTokens: 3, turns: 1, toolCalls: 0 }])
  })

  it('[AGT-5] judges by the last answer, although it exits with 0: a refusal by its status, anything else is the model', () => {
    expect(judged(recorded('pi-429.jsonl'))).toMatchObject({ ok: false, failure: { cause: 'rate-limit' } })
    expect(judged(lines(answer('error', '500 {"type":"error"}'), settled))).toMatchObject({ failure: { cause: 'model' } })
    expect(judged(lines(answer('error', 'terminated'), settled))).toMatchObject({ failure: { cause: 'model' } })
    expect(judged(lines(answer('error', 'I was told: 429 {"a":1} rate limit'), settled))).toMatchObject({
      failure: { cause: 'model' },
    })
    expect(judged(lines(answer('aborted'), settled))).toMatchObject({ failure: { cause: 'agent' } })
    expect(judged(lines(answer('error', '429 {}'), answer('stop'), settled))).toEqual({ ok: true })
  })

  it('[AGT-5] takes an end that was not told for none, and a bad exit code for a failure', () => {
    expect(judged(lines(answer('stop')))).toMatchObject({ ok: false, failure: { cause: 'agent' } })
    expect(judged(lines(settled))).toMatchObject({ ok: false, failure: { cause: 'agent' } })
    expect(judged(recorded('pi-work.jsonl'))).toEqual({ ok: true })
    expect(judged(recorded('pi-work.jsonl'), 1)).toMatchObject({ ok: false, failure: { cause: 'agent' } })
  })
})
