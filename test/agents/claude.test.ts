import { readdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claudeRuntime } from '../../runner/agents/claude.ts'
import { CLAUDE_PACKAGE } from '../../runner/agents/claude-package.ts'
import type { AgentEvent, AgentTask } from '../../runner/agents/runtime.ts'
import { DEFAULT_TOOLS_DIR, findBinary } from '../../runner/agents/tools.ts'
import type { Script, Turn } from '../model/script.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { runAgent, startAgent, type TaskFolder, taskFolder } from './run-agent.ts'

const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)
const binary = await findBinary(CLAUDE_PACKAGE, { env: process.env, toolsDir })
const title =
  binary === null
    ? 'the claude runtime with the real Claude Code (SKIPPED: not installed; run: npm run agents:install -- claude)'
    : 'the claude runtime with the real Claude Code'

describe.skipIf(binary === null)(title, () => {
  let folder: TaskFolder
  let model: ScriptedModel | undefined

  beforeEach(async () => {
    folder = await taskFolder()
  })
  afterEach(async () => {
    await model?.close()
    await folder.remove()
  })

  async function withModel(script: Script) {
    model = await startModel({ script })
    const env = { PATH: process.env.PATH, ANTHROPIC_API_KEY: 'sk-scripted', ANTHROPIC_BASE_URL: model.url }
    return { model, runtime: claudeRuntime({ env, toolsDir }) }
  }

  const task = (prompt: string, more: Partial<AgentTask> = {}) => folder.task(prompt, { model: 'claude-sonnet-4-5', ...more })
  const ofType = <T extends AgentEvent['type']>(events: AgentEvent[], type: T) =>
    events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type)

  it('[AGT-1] is detected with its version, and says what is missing', async () => {
    const { runtime } = await withModel([])
    expect(await runtime.detect()).toEqual({ name: 'claude', version: expect.stringMatching(/^\d+\.\d+\.\d+$/), ready: true })
    const keyless = claudeRuntime({ env: { PATH: process.env.PATH }, toolsDir })
    expect(await keyless.detect()).toMatchObject({ ready: false, why: expect.stringContaining('ANTHROPIC_API_KEY') })
    const missing = claudeRuntime({ env: { PATH: '' }, toolsDir: folder.root })
    expect(await missing.detect()).toMatchObject({
      version: null,
      ready: false,
      why: expect.stringContaining('agents:install'),
    })
  })

  it('[AGT-7] [AGT-4] does a job: a file, a report with the nonce, and all events', async () => {
    const file = join(folder.root, 'work', 'hello.txt')
    const { model, runtime } = await withModel([
      {
        say: 'I will write it.',
        tools: [
          { do: 'write', path: file, content: 'helo\n' },
          {
            do: 'todos',
            items: [
              { text: 'write', done: true },
              { text: 'correct', done: false },
            ],
          },
        ],
      },
      { say: '', tools: [{ do: 'edit', path: file, from: 'helo', to: 'hello' }] },
      { say: '', tools: [{ do: 'run', command: 'exit 3' }] },
      { say: '', tools: [{ do: 'report', report: { status: 'success', summary: "It's written" } }] },
      { say: 'Finished.' },
    ])

    const run = await runAgent(runtime, await task('Write hello.', { effort: 'low' }))

    expect(run).toMatchObject({ exitCode: 0, outcome: { ok: true } })
    expect(await readFile(file, 'utf8')).toBe('hello\n')
    expect(await folder.report()).toEqual({
      nonce: 'nonce-0123456789abcdef',
      status: 'success',
      summary: "It's written",
    })
    expect(ofType(run.events, 'session')).toEqual([{ type: 'session', id: expect.stringMatching(/^[0-9a-f-]{36}$/) }])
    expect(ofType(run.events, 'text').map(({ text }) => text)).toEqual(['I will write it.', 'Finished.'])
    const started = ofType(run.events, 'tool-start')
    expect(started.map(({ name }) => name)).toEqual(['Write', 'TodoWrite', 'Read', 'Edit', 'Bash', 'Bash'])
    expect(started.map(({ kind }) => kind)).toEqual(['edit', 'other', 'read', 'edit', 'command', 'command'])
    expect(started[0]?.detail).toBe(file)
    const ended = new Map(ofType(run.events, 'tool-end').map(({ id, ok }) => [id, ok]))
    expect(started.map(({ id }) => ended.get(id))).toEqual([true, true, true, true, false, true])
    expect(ofType(run.events, 'todos')).toEqual([{ type: 'todos', done: 1, total: 2 }])
    expect(ofType(run.events, 'usage').at(-1)?.usage).toEqual({
      inputTokens: 500,
      outputTokens: 100,
      cacheReadTokens: 50,
      costUsd: expect.closeTo(0.003, 3),
      turns: 5,
      toolCalls: 6,
    })
    expect(run.events.at(-1)).toEqual({ type: 'end', ok: true })

    const [asked] = model.turns()
    expect(asked?.system).toContain('INSTRUCTIONS-MARK')
    expect(asked?.messages.map(({ text }) => text).join()).toContain('Write hello.')
  })

  it('gives neither the prompt nor the instructions nor the key on the command line', async () => {
    const { runtime } = await withModel([])
    const { args, stdin } = await runtime.invocation(await task('PROMPT-MARK'))
    expect(stdin).toBe('prompt')
    for (const secret of ['PROMPT-MARK', 'INSTRUCTIONS-MARK', 'sk-scripted', 'nonce-']) {
      expect(args.join(' ')).not.toContain(secret)
    }
  })

  it('[AGT-7] resumes its session with the history, the new instructions and the usage of this process only', async () => {
    const { model, runtime } = await withModel([{ say: 'FIRST-ANSWER' }, { say: 'Second answer.' }])
    const first = await runAgent(runtime, await task('FIRST-PROMPT'))
    const [session] = ofType(first.events, 'session')
    const instructionsFile = join(folder.root, 'later.md')
    await writeFile(instructionsFile, 'LATER-INSTRUCTIONS')

    const second = await runAgent(runtime, await task('SECOND-PROMPT', { instructionsFile, resume: session?.id ?? '' }))

    expect(second.outcome).toEqual({ ok: true })
    expect(ofType(second.events, 'session')).toEqual([session])
    const asked = model.turns()[1]
    const said = asked?.messages.map(({ text }) => text).join('\n')
    expect(said).toMatch(/FIRST-PROMPT.*FIRST-ANSWER.*SECOND-PROMPT/s)
    expect(asked?.system).toContain('LATER-INSTRUCTIONS')
    const [before, after] = [first, second].map(({ events }) => ofType(events, 'usage').at(-1)?.usage)
    expect(after).toEqual(before)
    expect(after?.costUsd).toBeGreaterThan(0)
  })

  it.each([
    [401, 'model'],
    [429, 'rate-limit'],
    [500, 'model'],
    [529, 'model'],
  ])('[AGT-5] [AGT-7] says cause for status %i of the model: %s, at once', async (status, cause) => {
    const { model, runtime } = await withModel([{ misbehave: { kind: 'status', status, retryAfterSeconds: 600 } }])
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.exitCode).toBe(1)
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause } })
    expect(model.turns()).toHaveLength(1)
  })

  it('[AGT-5] says cause model when the model cannot be reached', async () => {
    const { model, runtime } = await withModel([])
    await model.close()
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause: 'model' } })
  })

  it('[AGT-5] is not misled by words: "401 rate limit" in a text, a file and a command', async () => {
    const words =
      'error at line 1401: 401 Unauthorized, 429 rate limit, authentication failed, {"type":"result","is_error":true}'
    const { runtime } = await withModel([
      { say: words, tools: [{ do: 'run', command: `echo '${words}'; echo '${words}' >&2` }] },
      { say: words },
    ])
    const run = await runAgent(runtime, await task(words))
    expect(run.outcome).toEqual({ ok: true })
    expect(ofType(run.events, 'text')).toHaveLength(2)
  })

  it.each(['torn', 'truncated', 'malformed'] as const)('goes on when an answer of the model is %s', async (kind) => {
    const { runtime } = await withModel([{ misbehave: { kind } }, { say: 'Better.' }])
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toEqual({ ok: true })
    expect(ofType(run.events, 'text').at(-1)).toEqual({ type: 'text', text: 'Better.' })
  })

  it('keeps to its private folder: nothing stays behind elsewhere', async () => {
    const before = readdirSync(tmpdir())
    const { runtime } = await withModel([{ say: '', tools: [{ do: 'run', command: 'echo hello' }] }])
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toEqual({ ok: true })
    const left = readdirSync(tmpdir()).filter((name) => !before.includes(name) && name.startsWith('claude'))
    expect(left).toEqual([])
    expect(readdirSync(join(folder.root, 'work'))).toEqual([])
    expect(readdirSync(join(folder.root, 'private')).sort()).toEqual(['claude', 'claude-tmp'])
  })

  it.each([
    ['the model is thinking', { misbehave: { kind: 'stall' } }],
    ['a command runs', { say: '', tools: [{ do: 'run', command: 'exec sleep 600' }] }],
  ] satisfies [string, Turn][])('[AGT-7] leaves no process when its group is stopped while %s', async (_when, turn) => {
    const { model, runtime } = await withModel([{ say: '', tools: [{ do: 'run', command: 'true' }] }, turn])
    const running = await startAgent(runtime, await task('Go.'))
    await model.asked(1)
    if ('tools' in turn) await until(() => commandsOf(folder.root).includes('sleep'))
    expect(commandsOf(folder.root)).not.toEqual([])
    process.kill(-running.pid, 'SIGTERM')
    const run = await running.done
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause: 'agent' } })
    await until(() => commandsOf(folder.root).length === 0)
  })
})

/** The programs of all processes that were given this folder in their environment: an agent and all it started. */
function commandsOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const mine = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SWITCHYARD_REPORT_FILE=${folder}`)
        return mine ? [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()] : []
      } catch {
        return []
      }
    })
}

/** Waits for what has no event of its own: a process seen from outside. The test's time-out is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20)
}
