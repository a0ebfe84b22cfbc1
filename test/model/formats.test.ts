/** Every wire format, asked as an agent asks it: the same script, the same misbehaviours, the same numbers. */
import { afterEach, describe, expect, it } from 'vitest'
import { dialectOf } from './dialects.ts'
import type { Script } from './script.ts'
import { type ScriptedModel, startModel } from './server.ts'

interface Vendor {
  path(stream: boolean): string
  body(tool: string): object
  /** The last event of a stream that is whole. */
  last: RegExp
  overloaded: number
  overflow: object
  tokens: object
  /** How the format calls them. */
  usage?: string
}

const history = [
  { role: 'user', content: 'HISTORY-MARK' },
  { role: 'assistant', content: 'Yes.' },
]
const VENDORS: Record<string, Vendor> = {
  'anthropic-messages': {
    path: () => '/v1/messages',
    body: (name) => ({ system: 'SYSTEM-MARK', messages: history, tools: [{ name }] }),
    last: /event: message_stop\n.*\n\n$/,
    overloaded: 529,
    overflow: { type: 'error', error: { type: 'invalid_request_error' } },
    tokens: { input_tokens: 5, output_tokens: 6, cache_read_input_tokens: 7 },
  },
  'openai-chat': {
    path: () => '/v1/chat/completions',
    body: (name) => ({
      messages: [{ role: 'system', content: 'SYSTEM-MARK' }, ...history],
      tools: [{ type: 'function', function: { name } }],
    }),
    last: /data: \[DONE\]\n\n$/,
    overloaded: 503,
    overflow: { error: { code: 'context_length_exceeded' } },
    tokens: { prompt_tokens: 12, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 7 } },
  },
  'openai-responses': {
    path: () => '/v1/responses',
    body: (name) => ({ instructions: 'SYSTEM-MARK', input: history, tools: [{ type: 'function', name }] }),
    last: /event: response.completed\n.*\n\n$/,
    overloaded: 503,
    overflow: { error: { code: 'context_length_exceeded' } },
    tokens: { input_tokens: 12, output_tokens: 6, input_tokens_details: { cached_tokens: 7 } },
  },
  'google-generate-content': {
    path: (stream) => `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (name) => ({
      systemInstruction: { parts: [{ text: 'SYSTEM-MARK' }] },
      contents: [
        { role: 'user', parts: [{ text: 'HISTORY-MARK' }] },
        { role: 'model', parts: [{ text: 'Yes.' }] },
      ],
      tools: [{ functionDeclarations: [{ name }] }],
    }),
    last: /"finishReason":"STOP".*\n\n$/,
    overloaded: 503,
    overflow: { error: { code: 400, status: 'INVALID_ARGUMENT' } },
    tokens: { promptTokenCount: 12, candidatesTokenCount: 6, cachedContentTokenCount: 7 },
    usage: 'usageMetadata',
  },
}

describe.each(Object.entries(VENDORS))('the scripted model, speaking %s', (_name, vendor) => {
  const started: ScriptedModel[] = []
  afterEach(async () => {
    for (const model of started.splice(0)) await model.close()
  })

  async function start(script: Script) {
    const model = await startModel({ script })
    started.push(model)
    const ask = (tool: string, stream: boolean) =>
      fetch(`${model.url}${vendor.path(stream)}`, {
        method: 'POST',
        body: JSON.stringify({ model: 'm', stream, ...vendor.body(tool) }),
      })
    return { model, ask }
  }

  it('reads what is asked: model, system, history and tools', async () => {
    const { model, ask } = await start([])
    await ask('exec_command', true)
    const [asked] = model.turns()
    expect(asked).toMatchObject({ model: 'm', stream: true, tools: ['exec_command'] })
    expect(asked?.system).toContain('SYSTEM-MARK')
    expect(asked?.messages).toEqual([
      { role: 'user', text: 'HISTORY-MARK' },
      { role: 'assistant', text: 'Yes.' },
    ])
  })

  it('answers whole and streamed with text, the tool that is offered, and the tokens', async () => {
    const turn = {
      say: 'Hello there',
      tools: [{ do: 'run' as const, command: 'ls -l' }],
      tokens: { input: 5, output: 6, cacheRead: 7 },
    }
    const { ask } = await start([turn, turn, turn])
    const whole = await (await ask('exec_command', false)).json()
    expect(whole).toMatchObject({ [vendor.usage ?? 'usage']: vendor.tokens })
    expect(JSON.stringify(whole)).toMatch(/Hello there.*exec_command/s)
    expect(JSON.stringify(whole)).toContain('ls -l')
    expect(await (await ask('Bash', false)).text()).toMatch(/"Bash"/)

    const streamed = await ask('exec_command', true)
    expect(streamed.headers.get('content-type')).toBe('text/event-stream')
    const events = await streamed.text()
    expect(events).toMatch(vendor.last)
    expect(events).toContain('exec_command')
  })

  it('misbehaves as told: overloaded, too long a context, torn, truncated, malformed', async () => {
    const { ask } = await start([
      { misbehave: { kind: 'overloaded' } },
      { misbehave: { kind: 'context-overflow' } },
      { misbehave: { kind: 'status', status: 429, retryAfterSeconds: 7 } },
      { misbehave: { kind: 'torn' } },
      { misbehave: { kind: 'truncated' } },
      { misbehave: { kind: 'malformed' } },
    ])
    expect((await ask('Bash', true)).status).toBe(vendor.overloaded)
    const overflow = await ask('Bash', true)
    expect(overflow.status).toBe(400)
    expect(await overflow.json()).toMatchObject(vendor.overflow)
    const limited = await ask('Bash', true)
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    await expect(ask('Bash', true).then((torn) => torn.text())).rejects.toThrow()
    expect(await (await ask('Bash', true)).text()).not.toMatch(vendor.last)
    const malformed = await (await ask('Bash', true)).text()
    const broken = dataOf(malformed).filter((data) => data !== '[DONE]' && !isJson(data))
    expect(broken).toHaveLength(1)
  })

  it('stalls in the middle until the agent hangs up', async () => {
    const { ask } = await start([{ misbehave: { kind: 'stall' } }])
    const reader = (await ask('Bash', true)).body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    await reader?.cancel()
  })
})

describe('the dialects', () => {
  it('are told by the tools that are offered, and none is guessed', () => {
    const run = (offered: string[]) => dialectOf(offered).calls({ do: 'run', command: 'ls' }, offered)[0]?.name
    expect(run(['Read', 'Bash', 'Write'])).toBe('Bash')
    expect(run(['view_image', 'exec_command'])).toBe('exec_command')
    expect(run(['read', 'bash', 'edit', 'write'])).toBe('bash')
    expect(run(['write_file', 'replace', 'run_shell_command'])).toBe('run_shell_command')
    const write = (offered: string[]) => dialectOf(offered).calls({ do: 'write', path: '/a', content: '' }, offered)[0]?.input
    expect(write(['bash', 'read', 'edit', 'write'])).toHaveProperty('path')
    expect(write(['bash', 'read', 'edit', 'write', 'todowrite'])).toHaveProperty('filePath')
    expect(() => run(['juggle'])).toThrow('juggle')
  })
})

function dataOf(stream: string): string[] {
  return [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
