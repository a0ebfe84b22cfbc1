import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codexConfig } from './codex-config.ts'
import { codexParser } from './codex-events.ts'
import { rolloutEnd, rolloutEvents } from './codex-rollout.ts'
import type { AgentEvent, EndEvent } from './runtime.ts'

const SESSION = '01a1fdf8-7d7d-7283-b7c9-e69ba02973e5'

/** As Codex 0.169.0 printed them, working against a scripted model; only paths are shortened. */
const RECORDED = [
  `{"type":"thread.started","thread_id":"${SESSION}"}`,
  '{"type":"item.completed","item":{"id":"item_0","type":"error","message":"Model metadata for `m1` not found. Defaulting to fallback metadata; this can degrade performance and cause issues."}}',
  '{"type":"turn.started"}',
  '{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"Patching."}}',
  '{"type":"item.started","item":{"id":"item_2","type":"file_change","changes":[{"path":"/job/a.txt","kind":"add"}],"status":"in_progress"}}',
  '{"type":"item.completed","item":{"id":"item_2","type":"file_change","changes":[{"path":"/job/a.txt","kind":"add"}],"status":"completed"}}',
  `{"type":"item.started","item":{"id":"item_3","type":"command_execution","command":"/bin/bash -lc 'grep -n hi a.txt'","aggregated_output":"","exit_code":null,"status":"in_progress"}}`,
  `{"type":"item.completed","item":{"id":"item_3","type":"command_execution","command":"/bin/bash -lc 'grep -n hi a.txt'","aggregated_output":"1:hi\\n","exit_code":0,"status":"completed"}}`,
  `{"type":"item.started","item":{"id":"item_4","type":"command_execution","command":"/bin/bash -lc 'exit 3'","aggregated_output":"","exit_code":null,"status":"in_progress"}}`,
  `{"type":"item.completed","item":{"id":"item_4","type":"command_execution","command":"/bin/bash -lc 'exit 3'","aggregated_output":"","exit_code":3,"status":"failed"}}`,
  '{"type":"item.completed","item":{"id":"item_5","type":"agent_message","text":"Finished."}}',
  '{"type":"turn.completed","usage":{"input_tokens":330,"cached_input_tokens":30,"cache_write_input_tokens":0,"output_tokens":60,"reasoning_output_tokens":0}}',
]
const FAILED = '{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests"}}'

function parse(...lines: unknown[]): AgentEvent[] {
  const parser = codexParser()
  const bytes = Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return [...parser.push(bytes), ...parser.end()]
}
const endOf = (events: AgentEvent[]) => events.find((event): event is EndEvent => event.type === 'end') ?? null

describe('codexParser', () => {
  it('[AGT-4] reads session, texts, tools and the end of a recorded run', () => {
    const events = parse(...RECORDED)
    const tool = { type: 'tool-start', call: expect.stringMatching(/^[\w-]{22}$/) }
    expect(events).toEqual([
      { type: 'session', id: SESSION },
      { type: 'text', text: 'Patching.' },
      { ...tool, id: 'item_2', name: 'apply_patch', kind: 'edit', detail: '/job/a.txt' },
      { type: 'usage', usage: { toolCalls: 1 } },
      { type: 'tool-end', id: 'item_2', ok: true, detail: '' },
      { ...tool, id: 'item_3', name: 'exec_command', kind: 'search', detail: "/bin/bash -lc 'grep -n hi a.txt'" },
      { type: 'usage', usage: { toolCalls: 2 } },
      { type: 'tool-end', id: 'item_3', ok: true, detail: '1:hi' },
      { ...tool, id: 'item_4', name: 'exec_command', kind: 'command', detail: "/bin/bash -lc 'exit 3'" },
      { type: 'usage', usage: { toolCalls: 3 } },
      { type: 'tool-end', id: 'item_4', ok: false, detail: '' },
      { type: 'text', text: 'Finished.' },
      { type: 'end', ok: true },
    ])
  })

  it('[AGT-4] tells how far a to-do list is, each time it changes', () => {
    const list = (completed: boolean) => ({
      id: 'item_1',
      type: 'todo_list',
      items: [
        { text: 'a', completed: true },
        { text: 'b', completed },
      ],
    })
    const events = parse({ type: 'item.started', item: list(false) }, { type: 'item.updated', item: list(true) })
    expect(events).toEqual([
      { type: 'todos', done: 1, total: 2 },
      { type: 'todos', done: 2, total: 2 },
    ])
  })

  it('[AGT-4] ignores what it does not know, what is torn and what is too long, and reads on', () => {
    const events = parse(
      'warning: something',
      { type: 'novelty' },
      { type: 'item.completed', item: { id: 'x', type: 'novelty' } },
      { type: 'item.completed', item: 'odd' },
      { type: 'thread.started', thread_id: '--config=evil' },
      'null',
      `{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"${'x'.repeat(2 * 1024 * 1024)}"}}`,
      '{"type":"item.completed","ite',
      { type: 'item.completed', item: { id: 'i', type: 'agent_message', text: 'Still here' } },
      '{"type":"turn.comple',
    )
    expect(events).toEqual([{ type: 'text', text: 'Still here' }])
  })

  it('[AGT-4] never throws, whatever comes', () => {
    const item = fc
      .json()
      .map((json) => `{"type":"item.completed","item":{"type":"command_execution","id":"i","command":${json}}}`)
    fc.assert(fc.property(fc.array(fc.oneof(fc.json(), fc.string(), item)), (lines) => void parse(...lines)))
  })
})

describe('the record of a Codex session', () => {
  let home: string
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'codex-home-')))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  const file = () => join(home, 'sessions', '2026', '11', '21', `rollout-2026-11-21T11-34-58-${SESSION}.jsonl`)
  async function record(...payloads: unknown[]) {
    await mkdir(dirname(file()), { recursive: true })
    const lines = payloads.map((payload) => JSON.stringify({ timestamp: 'x', type: 'event_msg', payload }))
    await writeFile(file(), `{"type":"session_meta","payload":{"cwd":"/work"}}\n${lines.join('\n')}\n`)
    return await rolloutEnd(home, SESSION)
  }
  const tokens = (input_tokens: number, cached_input_tokens: number, output_tokens: number) => ({
    type: 'token_count',
    info: { total_token_usage: { input_tokens, cached_input_tokens, output_tokens, total_tokens: 1 } },
  })
  const failed = (codex_error_info?: unknown) => ({
    type: 'task_complete',
    last_agent_message: null,
    error: { message: 'It failed.', codex_error_info },
  })
  const seen = { session: SESSION, usage: { toolCalls: 2 }, end: endOf(parse(FAILED)) }

  it('[AGT-4] gives the tokens of this process: the last number less the one before it began', async () => {
    const before = await record(tokens(110, 10, 20))
    const after = await record(tokens(110, 10, 20), tokens(330, 30, 60), { type: 'token_count', info: null })
    if (after === null) throw new Error('no record')
    const well = { ...seen, end: null }
    const usage = (from: typeof before) => rolloutEvents(well, from, after)
    expect(usage(null)).toEqual([
      { type: 'usage', usage: { inputTokens: 300, outputTokens: 60, cacheReadTokens: 30, toolCalls: 2 } },
    ])
    expect(usage(before)).toEqual([
      { type: 'usage', usage: { inputTokens: 200, outputTokens: 40, cacheReadTokens: 20, toolCalls: 2 } },
    ])
    expect(usage({ tokens: undefined, error: undefined })).toEqual([])
  })

  it.each([
    [{ response_too_many_failed_attempts: { http_status_code: 429 } }, 'rate-limit'],
    ['usage_limit_exceeded', 'rate-limit'],
    [{ http_connection_failed: { http_status_code: 401 } }, 'model'],
    ['internal_server_error', 'model'],
    ['context_window_exceeded', 'model'],
    ['sandbox_error', 'agent'],
    ['a word of the future', 'model'],
    [undefined, 'model'],
  ])('[AGT-5] takes the cause of a failed turn from its word, not its sentence: %j is %s', async (info, cause) => {
    const after = await record(failed(info))
    if (after === null) throw new Error('no record')
    expect(rolloutEvents(seen, null, after)).toEqual([{ type: 'end', ok: false, error: { cause, message: 'It failed.' } }])
    // An earlier process's error is none of this one.
    expect(rolloutEvents({ ...seen, end: null }, null, after)).toEqual([])
  })

  it('is left alone where it is missing, a link to elsewhere, or torn', async () => {
    expect(await rolloutEnd(home, SESSION)).toBeNull()
    await record(tokens(1, 0, 1))
    await rm(file())
    await writeFile(join(home, 'elsewhere'), `${JSON.stringify({ type: 'event_msg', payload: tokens(1, 0, 1) })}\n`)
    await symlink(join(home, 'elsewhere'), file())
    expect(await rolloutEnd(home, SESSION)).toBeNull()
    await rm(file())
    await writeFile(file(), `{"type":"event_msg","payload":{"type":"token_co`)
    expect(await rolloutEnd(home, SESSION)).toEqual({ tokens: undefined, error: undefined })
  })
})

describe('codexConfig', () => {
  it('keeps every text a text, whatever is in it', () => {
    const config = codexConfig({ workDir: '/a "b"\n[x]\u007f', model: 'm" \n[evil]\ny = "1' }, 'http://127.0.0.1:1/v1')
    expect(config).toContain('model = "m\\" \\n[evil]\\ny = \\"1"\n')
    expect(config).toContain('[projects."/a \\"b\\"\\n[x]\\u007f"]\n')
    expect(config).toContain('request_max_retries = 0\nstream_max_retries = 0\n')
  })
})
