import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copilotParser } from './copilot-events.ts'
import { sessionTokens, tokensBetween } from './copilot-usage.ts'
import { modelRoute } from './model-route.ts'
import type { AgentEvent } from './runtime.ts'

const SESSION = 'af82eefa-87b0-4658-959f-d68726e3b6ea'
const more = '"id":"f9c8c3b1-8c2e-4d39-a3f3-0d8c2f6f9a11","timestamp":"2026-11-21T11:32:31.350Z"'

/** As Copilot CLI 1.0.102 printed them, working against a scripted model; shortened where nothing is read. */
const RECORDED = [
  `{"type":"session.mcp_servers_loaded","ephemeral":true,"data":{"servers":[]},${more}}`,
  `{"type":"assistant.turn_start","data":{"turnId":"0","interactionId":"5e845503"},${more}}`,
  `{"type":"model.call_start","data":{"turnId":"0","model":"m1"},"ephemeral":true,${more}}`,
  `{"type":"assistant.message_delta","data":{"messageId":"b7467183","deltaContent":"I will w"},"ephemeral":true,${more}}`,
  `{"type":"assistant.message","data":{"messageId":"b7467183","model":"m1","content":"I will write it.","toolRequests":[{"toolCallId":"t1","name":"create","arguments":{"path":"/job/a.txt","file_text":"helo\\n"},"type":"function"}],"turnId":"0"},${more}}`,
  `{"type":"tool.execution_start","data":{"toolCallId":"t1","toolName":"create","arguments":{"path":"/job/a.txt","file_text":"helo\\n"},"turnId":"0","model":"m1","toolTitle":"Creating file"},${more}}`,
  `{"type":"model.call_final_result","data":{"model":"m1","isByok":true,"result":"success"},"ephemeral":true,${more}}`,
  `{"type":"tool.execution_complete","data":{"toolCallId":"t1","model":"m1","turnId":"0","fileEdits":[{"path":"/job/a.txt","kind":"create"}],"success":true,"result":{"content":"Created file /job/a.txt with 5 characters"}},${more}}`,
  `{"type":"assistant.turn_start","data":{"turnId":"1","interactionId":"5e845503"},${more}}`,
  `{"type":"tool.execution_start","data":{"toolCallId":"t2","toolName":"bash","arguments":{"command":"exit 3","description":"Run a command"},"turnId":"1"},${more}}`,
  `{"type":"tool.execution_complete","data":{"toolCallId":"t2","turnId":"1","shellExecution":{"exitCode":3},"success":true,"result":{"content":"\\n<shellId: 0 completed with exit code 3>"}},${more}}`,
  `{"type":"assistant.message","data":{"messageId":"c1e5e007","model":"m1","content":"Finished.","toolRequests":[],"turnId":"2"},${more}}`,
  `{"type":"result","timestamp":"2026-11-21T11:32:31.521Z","sessionId":"${SESSION}","exitCode":0,"usage":{"premiumRequests":0,"totalApiDurationMs":85}}`,
]
const FAILED = '{"type":"result","timestamp":"2026-11-21T11:32:31.521Z","exitCode":1,"usage":{}}'
const refusal = (statusCode?: number) =>
  JSON.stringify({
    type: 'model.call_failure',
    data: { model: 'm1', statusCode, retryAttempt: 0, failureKind: 'api', errorMessage: 'no' },
    ephemeral: true,
  })
const final = (result: string) => JSON.stringify({ type: 'model.call_final_result', data: { model: 'm1', result } })

function parse(...lines: string[]): AgentEvent[] {
  const parser = copilotParser()
  return [...parser.push(Buffer.from(lines.join('\n'))), ...parser.end()]
}

describe('copilotParser', () => {
  it('[AGT-4] reads session, texts, tools, turns and the end of a recorded run', () => {
    const events = parse(...RECORDED)
    const call = expect.stringMatching(/^[\w-]{22}$/)
    expect(events).toEqual([
      { type: 'usage', usage: { turns: 1, toolCalls: 0 } },
      { type: 'text', text: 'I will write it.' },
      { type: 'tool-start', id: 't1', name: 'create', kind: 'edit', detail: '/job/a.txt', call },
      { type: 'usage', usage: { turns: 1, toolCalls: 1 } },
      { type: 'tool-end', id: 't1', ok: true, detail: 'Created file /job/a.txt with 5 characters' },
      { type: 'usage', usage: { turns: 2, toolCalls: 1 } },
      { type: 'tool-start', id: 't2', name: 'bash', kind: 'command', detail: 'exit 3', call },
      { type: 'usage', usage: { turns: 2, toolCalls: 2 } },
      { type: 'tool-end', id: 't2', ok: false, detail: '<shellId: 0 completed with exit code 3>' },
      { type: 'text', text: 'Finished.' },
      { type: 'session', id: SESSION },
      { type: 'end', ok: true },
    ])
  })

  it.each([
    [401, 'model'],
    [429, 'rate-limit'],
    [500, 'model'],
    [529, 'model'],
  ])('[AGT-5] takes a refusal with status %i for the end, cause %s, and has the agent stopped', (status, cause) => {
    const events = parse(refusal(status), ...RECORDED)
    expect(events).toEqual([
      { type: 'end', ok: false, stop: true, error: { cause, message: `The model answered with status ${status}: no` } },
    ])
  })

  it('[AGT-5] lets it try again where the connection broke or the prompt was too long', () => {
    expect(parse(refusal(), refusal(400), ...RECORDED).at(-1)).toEqual({ type: 'end', ok: true })
  })

  it.each([
    [[final('transport_error')], 'model'],
    [[final('http_400')], 'model'],
    [[final('http_429')], 'rate-limit'],
    [[final('http_400'), final('success')], 'agent'],
    [[], 'agent'],
  ])('[AGT-5] takes the cause from the word for the last call of the model: %j is %s', (lines, cause) => {
    const error = '{"type":"session.error","data":{"errorType":"query","message":"429 401 It failed."}}'
    const error_ = { cause, message: '429 401 It failed.' }
    expect(parse(...lines, error, FAILED)).toEqual([{ type: 'end', ok: false, error: error_ }])
  })

  it('[AGT-4] shows not what an agent of the agent says, and ignores what is unknown, torn or too long', () => {
    const message = (content: string, parentToolCallId?: string) =>
      JSON.stringify({ type: 'assistant.message', data: { content, parentToolCallId } })
    const events = parse(
      'Warning: something',
      '{"type":"novelty"}',
      'null',
      message('inner', 't1'),
      message('x'.repeat(2 * 1024 * 1024)),
      '{"type":"assistant.message","da',
      message('Still here'),
      '{"type":"result","exitC',
    )
    expect(events).toEqual([{ type: 'text', text: 'Still here' }])
  })

  it('[AGT-4] never throws, whatever comes', () => {
    const data = fc
      .json()
      .map((json) => `{"type":"tool.execution_start","data":{"toolCallId":"t","toolName":"bash","arguments":${json}}}`)
    fc.assert(fc.property(fc.array(fc.oneof(fc.json(), fc.string(), data)), (lines) => void parse(...lines)))
  })
})

describe('the usage file of a Copilot session', () => {
  let folder: string
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'copilot-usage-')))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('[AGT-4] tells the tokens of all models, of which those of this process are counted; unknown stays unknown', async () => {
    const usage = (inputTokens: number) => ({
      requests: { count: 1 },
      usage: { inputTokens, outputTokens: 20, cacheReadTokens: 10 },
    })
    await writeFile(
      join(folder, 'u.json'),
      JSON.stringify({ modelMetrics: { a: usage(110), b: usage(210) }, lastCallInputTokens: 1 }),
    )
    const tokens = await sessionTokens(folder, 'u.json')
    expect(tokens).toEqual({ input: 320, output: 40, cacheRead: 20 })
    if (tokens === null) return
    expect(tokensBetween({ input: 110, output: 20, cacheRead: 10 }, tokens)).toEqual({
      inputTokens: 200,
      outputTokens: 20,
      cacheReadTokens: 10,
    })
    expect(await sessionTokens(folder, 'missing.json')).toBeNull()
    await writeFile(join(folder, 'u.json'), '{"modelMetr')
    expect(await sessionTokens(folder, 'u.json')).toBeNull()
  })
})

describe('modelRoute', () => {
  it.each([
    ['openai/gpt-5', { vendor: 'openai', api: 'responses', model: 'gpt-5' }],
    ['anthropic/claude-sonnet-4-5', { vendor: 'anthropic', api: 'messages', model: 'claude-sonnet-4-5' }],
    ['chat/openai/gpt-oss-20b', { vendor: 'openai', api: 'chat', model: 'openai/gpt-oss-20b' }],
    ['qwen/qwen3', { vendor: 'openai', api: 'chat', model: 'qwen/qwen3' }],
    ['devstral', { vendor: 'openai', api: 'chat', model: 'devstral' }],
    ['toString/x', { vendor: 'openai', api: 'chat', model: 'toString/x' }],
  ])('sends %s to %j', (name, route) => {
    expect(modelRoute(name)).toEqual(route)
  })
})
