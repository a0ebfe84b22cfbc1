import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { opencodeRuntime } from '../../runner/agents/opencode.ts'
import { OPENCODE_PACKAGE } from '../../runner/agents/opencode-package.ts'
import type { AgentEvent, AgentTask } from '../../runner/agents/runtime.ts'
import { DEFAULT_TOOLS_DIR, findBinary } from '../../runner/agents/tools.ts'
import type { Script } from '../model/script.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { runAgent, type TaskFolder, taskFolder } from './run-agent.ts'

const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)
const binary = await findBinary(OPENCODE_PACKAGE, { env: process.env, toolsDir })
const title =
  binary === null
    ? 'the opencode runtime with the real OpenCode (SKIPPED: not installed; run: npm run agents:install -- opencode)'
    : 'the opencode runtime with the real OpenCode'

/** Ten times what a job took on an idle machine, in ms: it needs 4 s of a processor to start. */
const TIMEOUT_MS = 120_000

describe.skipIf(binary === null)(title, { timeout: TIMEOUT_MS }, () => {
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
    const env = { PATH: process.env.PATH, OPENAI_API_KEY: 'sk-scripted', OPENAI_BASE_URL: `${model.url}/v1` }
    return { model, runtime: opencodeRuntime({ env, toolsDir }) }
  }

  const task = (prompt: string, more: Partial<AgentTask> = {}) => folder.task(prompt, { model: 'scripted', ...more })
  const ofType = <T extends AgentEvent['type']>(events: AgentEvent[], type: T) =>
    events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type)

  it('[AGT-1] is detected with its version, and says what is missing', async () => {
    const { runtime } = await withModel([])
    expect(await runtime.detect()).toEqual({ name: 'opencode', version: OPENCODE_PACKAGE.version, ready: true })
    const keyless = opencodeRuntime({ env: { PATH: process.env.PATH }, toolsDir })
    expect(await keyless.detect()).toMatchObject({ ready: false, why: expect.stringContaining('OPENAI_API_KEY') })
    await expect(task('Go.').then((given) => keyless.invocation(given))).rejects.toThrow('OPENAI_API_KEY')
    const missing = opencodeRuntime({ env: { PATH: '' }, toolsDir: folder.root })
    expect(await missing.detect()).toMatchObject({ version: null, why: expect.stringContaining('agents:install -- opencode') })
  })

  it('[AGT-7] [AGT-4] does a job: a file, a report with the nonce, and all events', async () => {
    const file = join(folder.root, 'work', 'hello.txt')
    const { model, runtime } = await withModel([
      { say: 'I will write it.', tools: [{ do: 'write', path: file, content: 'helo\n' }] },
      { say: '', tools: [{ do: 'edit', path: file, from: 'helo', to: 'hello' }] },
      { say: '', tools: [{ do: 'run', command: 'exit 3' }] },
      { say: '', tools: [{ do: 'report', report: { status: 'success', summary: "It's written" } }] },
      { say: 'Finished.' },
    ])

    const run = await runAgent(runtime, await task('Write hello.', { effort: 'low' }))

    expect(run).toMatchObject({ exitCode: 0, outcome: { ok: true } })
    expect(await readFile(file, 'utf8')).toBe('hello\n')
    expect(await folder.report()).toEqual({ nonce: 'nonce-0123456789abcdef', status: 'success', summary: "It's written" })
    expect(ofType(run.events, 'session')).toEqual([{ type: 'session', id: expect.stringMatching(/^ses_\w+$/) }])
    expect(ofType(run.events, 'text').map(({ text }) => text)).toEqual(['I will write it.', 'Finished.'])
    const started = ofType(run.events, 'tool-start')
    expect(started.map(({ name, kind }) => [name, kind])).toEqual([
      ['write', 'edit'],
      ['edit', 'edit'],
      ['bash', 'command'],
      ['bash', 'command'],
    ])
    const ended = new Map(ofType(run.events, 'tool-end').map(({ id, ok }) => [id, ok]))
    expect(started.map(({ id }) => ended.get(id))).toEqual([true, true, false, true])
    const usage = { inputTokens: 500, outputTokens: 100, cacheReadTokens: 50, turns: 5, toolCalls: 4 }
    expect(ofType(run.events, 'usage').at(-1)?.usage).toEqual(usage)
    expect(ofType(run.events, 'end')).toEqual([{ type: 'end', ok: true }])

    const [asked] = model.turns()
    expect(asked?.model).toBe('scripted')
    expect(asked?.system).toContain('INSTRUCTIONS-MARK')
    expect(asked?.messages.map(({ text }) => text).join()).toContain('Write hello.')
    expect(model.log[0]?.headers.authorization).toBe('Bearer sk-scripted')
  })

  it('gives neither the prompt nor the instructions, the address or the key on the command line, nor the key to commands', async () => {
    const { runtime } = await withModel([{ say: '', tools: [{ do: 'run', command: 'env > env.txt' }] }])
    const gateway = { url: model?.url ?? '', token: 'sk-of-this-job' }
    const given = await task('PROMPT-MARK', { gateway })
    const { args, stdin } = await runtime.invocation(given)
    expect(stdin).toBe('prompt')
    for (const secret of ['PROMPT-MARK', 'INSTRUCTIONS-MARK', 'sk-scripted', 'sk-of-this-job', 'nonce-', gateway.url]) {
      expect(args.join(' ')).not.toContain(secret)
    }
    const run = await runAgent(runtime, given)
    expect(run.outcome).toEqual({ ok: true })
    expect(model?.log[0]?.headers.authorization).toBe('Bearer sk-of-this-job')
    const env = await readFile(join(folder.root, 'work', 'env.txt'), 'utf8')
    expect(env).toContain('SWITCHYARD_NONCE=nonce-0123456789abcdef')
    expect(env).not.toContain('sk-')
  })

  it('uses nothing of the tree but its text: no settings, no MCP servers, no hooks', async () => {
    const { model, runtime } = await withModel([{ say: 'Done.' }])
    const evil = join(folder.root, 'evil')
    const work = (path: string) => join(folder.root, 'work', path)
    await mkdir(work('.opencode/plugin'), { recursive: true })
    const mcp = { evil: { type: 'local', command: ['touch', evil] } }
    await writeFile(work('opencode.json'), JSON.stringify({ model: 'switchyard/of-the-tree', mcp }))
    const plugin = `import { writeFileSync } from 'node:fs'\nexport const Evil = async () => { writeFileSync('${evil}', ''); return {} }\n`
    await writeFile(work('.opencode/plugin/evil.js'), plugin)
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toEqual({ ok: true })
    expect(model.turns()[0]?.model).toBe('scripted')
    expect(existsSync(evil)).toBe(false)
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
    expect(asked?.messages.map(({ text }) => text).join('\n')).toMatch(/FIRST-PROMPT.*FIRST-ANSWER.*SECOND-PROMPT/s)
    expect(asked?.system).toContain('LATER-INSTRUCTIONS')
    expect(asked?.system).not.toContain('INSTRUCTIONS-MARK')
    const [before, after] = [first, second].map(({ events }) => ofType(events, 'usage').at(-1)?.usage)
    expect(before).toEqual({ inputTokens: 100, outputTokens: 20, cacheReadTokens: 10, turns: 1, toolCalls: 0 })
    expect(after).toEqual(before)
  })

  it.each([
    [{ kind: 'status', status: 401 }, 'model'],
    [{ kind: 'status', status: 429, retryAfterSeconds: 600 }, 'rate-limit'],
    [{ kind: 'overloaded' }, 'model'],
  ] as const)('[AGT-5] [AGT-7] says the cause when the model answers with %j: %s, at once', async (misbehave, cause) => {
    const { model, runtime } = await withModel([{ misbehave }])
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause } })
    expect(model.turns()).toHaveLength(1)
  })
})
