import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { opencodeParser } from './opencode-events.ts'
import type { AgentEvent } from './runtime.ts'

const SESSION = 'ses_e021f02e0ffezltQDkMQESDyyp'
const common = `"timestamp":1795260747487,"sessionID":"${SESSION}"`
const tokens = '"tokens":{"total":130,"input":100,"output":20,"reasoning":0,"cache":{"write":0,"read":10}},"cost":0'

/** As OpenCode 1.18.33 printed them, working against a scripted model; shortened where nothing is read. */
const RECORDED = [
  `{"type":"step_start",${common},"part":{"id":"prt_1","messageID":"msg_1","type":"step-start"}}`,
  `{"type":"tool_use",${common},"part":{"type":"tool","tool":"todowrite","callID":"t1","state":{"status":"completed","input":{"todos":[{"content":"write","status":"completed","priority":"medium"},{"content":"correct","status":"pending","priority":"medium"}]},"output":"[]","metadata":{"truncated":false},"title":"1 todos"},"id":"prt_2"}}`,
  `{"type":"text",${common},"part":{"id":"prt_3","type":"text","text":"I will write it.","time":{"start":1,"end":2}}}`,
  `{"type":"tool_use",${common},"part":{"type":"tool","tool":"write","callID":"t2","state":{"status":"completed","input":{"filePath":"/job/a.txt","content":"helo\\n"},"output":"Wrote file successfully.","metadata":{"diagnostics":{},"exists":false}}}}`,
  `{"type":"step_finish",${common},"part":{"id":"prt_4","reason":"tool-calls",${tokens}}}`,
  `{"type":"tool_use",${common},"part":{"type":"tool","tool":"bash","callID":"t3","state":{"status":"completed","input":{"command":"exit 3","description":"Run a command"},"output":"(no output)","metadata":{"output":"(no output)","exit":3,"truncated":false},"title":"exit 3"}}}`,
  `{"type":"step_finish",${common},"part":{"id":"prt_5","reason":"tool-calls",${tokens}}}`,
  `{"type":"text",${common},"part":{"id":"prt_6","type":"text","text":"Finished."}}`,
  `{"type":"step_finish",${common},"part":{"id":"prt_7","reason":"stop",${tokens}}}`,
]
const OVERFLOW = `{"type":"error",${common},"error":{"name":"ContextOverflowError","data":{"message":"The input exceeds the context window of this model."}}}`

function parse(...lines: string[]): AgentEvent[] {
  const parser = opencodeParser()
  return [...parser.push(Buffer.from(lines.join('\n'))), ...parser.end()]
}
const ends = (events: AgentEvent[]) => events.filter(({ type }) => type === 'end')
const refused = (status: number) => JSON.stringify({ type: 'switchyard.refused', status })
const error = (name: string, data: object) => JSON.stringify({ type: 'error', sessionID: SESSION, error: { name, data } })

describe('opencodeParser', () => {
  it('[AGT-4] reads session, texts, tools, to-dos, usage and the end of a recorded run', () => {
    const call = expect.stringMatching(/^[\w-]{22}$/)
    const usage = (turns: number, toolCalls: number) => ({
      type: 'usage',
      usage: { inputTokens: 100 * turns, outputTokens: 20 * turns, cacheReadTokens: 10 * turns, turns, toolCalls },
    })
    expect(parse(...RECORDED)).toEqual([
      { type: 'session', id: SESSION },
      { type: 'tool-start', id: 't1', name: 'todowrite', kind: 'other', detail: '', call },
      { type: 'tool-end', id: 't1', ok: true, detail: '[]' },
      { type: 'todos', done: 1, total: 2 },
      { type: 'text', text: 'I will write it.' },
      { type: 'tool-start', id: 't2', name: 'write', kind: 'edit', detail: '/job/a.txt', call },
      { type: 'tool-end', id: 't2', ok: true, detail: 'Wrote file successfully.' },
      usage(1, 2),
      { type: 'tool-start', id: 't3', name: 'bash', kind: 'command', detail: 'exit 3', call },
      { type: 'tool-end', id: 't3', ok: false, detail: '(no output)' },
      usage(2, 3),
      { type: 'text', text: 'Finished.' },
      usage(3, 3),
      { type: 'end', ok: true },
    ])
  })

  it.each([
    [429, 'rate-limit'],
    [500, 'model'],
    [503, 'model'],
  ])('[AGT-5] takes a refusal with status %i for the end, cause %s, and has the agent stopped', (status, cause) => {
    expect(ends(parse(refused(status), ...RECORDED))).toEqual([
      { type: 'end', ok: false, stop: true, error: { cause, message: `The model answered with status ${status}.` } },
    ])
  })

  it.each([
    [error('APIError', { message: '429', statusCode: 401 }), 'model'],
    [error('APIError', { message: 'Cannot connect', isRetryable: true }), 'model'],
    [error('APIError', { statusCode: 429 }), 'rate-limit'],
    [error('UnknownError', { message: '429 rate limit' }), 'agent'],
    [OVERFLOW, 'model'],
  ])('[AGT-5] takes the cause of an error from its name and its status, not its words: %s is %s', (line, cause) => {
    // It goes on after some errors, and exits with 1 all the same.
    expect(ends(parse(refused(400), line, ...RECORDED))).toMatchObject([{ ok: false, error: { cause } }])
  })

  it('[AGT-5] is at no end where the model only called tools, or its answer broke off', () => {
    expect(ends(parse(...RECORDED.slice(0, -1)))).toEqual([])
    expect(ends(parse(`{"type":"step_finish",${common},"part":{"reason":"unknown",${tokens}}}`))).toEqual([])
  })

  it('[AGT-4] ignores what is unknown, said by itself, torn or too long, and reads on', () => {
    const text = (part: object) => JSON.stringify({ type: 'text', sessionID: '--evil', part })
    const events = parse(
      'Warning: something',
      '{"type":"novelty"}',
      'null',
      text({ text: 'Continue if you have next steps', synthetic: true }),
      text({ text: 'x'.repeat(2 * 1024 * 1024) }),
      '{"type":"text","pa',
      text({ text: 'Still here' }),
      '{"type":"step_fin',
    )
    expect(events).toEqual([{ type: 'text', text: 'Still here' }])
  })

  it('[AGT-4] never throws, whatever comes', () => {
    const use = fc
      .json()
      .map(
        (json) => `{"type":"tool_use","part":{"callID":"t","tool":"todowrite","state":{"status":"completed","input":${json}}}}`,
      )
    fc.assert(fc.property(fc.array(fc.oneof(fc.json(), fc.string(), use)), (lines) => void parse(...lines)))
  })
})
