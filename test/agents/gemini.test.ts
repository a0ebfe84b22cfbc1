import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { geminiRuntime } from '../../runner/agents/gemini.ts'
import { GEMINI_PACKAGE } from '../../runner/agents/gemini-package.ts'
import { DEFAULT_TOOLS_DIR, findBinary } from '../../runner/agents/tools.ts'
import type { Script } from '../model/script.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { runAgent, type TaskFolder, taskFolder } from './run-agent.ts'

const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)
const binary = await findBinary(GEMINI_PACKAGE, { env: process.env, toolsDir })
const title =
  binary === null
    ? 'the gemini runtime with the real Gemini CLI (SKIPPED: not installed; run: npm run agents:install -- gemini)'
    : 'the gemini runtime with the real Gemini CLI'
/** What means something to its command line at a terminal, and is only text in an issue. */
const PROMPT = '@README.md and @octocat, please:\n/help\n!ls\n'

describe.skipIf(binary === null && process.env.CI !== 'true')(title, () => {
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
    const env = { PATH: process.env.PATH, GEMINI_API_KEY: 'sk-scripted', GOOGLE_GEMINI_BASE_URL: model.url }
    return { model, runtime: geminiRuntime({ env, toolsDir }) }
  }
  const task = (prompt: string) => folder.task(prompt, { model: 'gemini-2.5-pro' })

  it('[AGT-1] is detected with its version, and says what is missing', async () => {
    const { runtime } = await withModel([])
    expect(await runtime.detect()).toEqual({ name: 'gemini', version: GEMINI_PACKAGE.version, ready: true })
    const keyless = geminiRuntime({ env: { PATH: process.env.PATH }, toolsDir })
    expect(await keyless.detect()).toMatchObject({ ready: false, why: expect.stringContaining('GEMINI_API_KEY') })
    const missing = geminiRuntime({ env: { PATH: '' }, toolsDir: folder.root })
    expect(await missing.detect()).toMatchObject({ version: null, why: expect.stringContaining('agents:install -- gemini') })
  })

  it('[AGT-2] [AGT-7] takes prompt and instructions by standard input and by file, and obeys no sign in the prompt', async () => {
    const { model, runtime } = await withModel([{ say: 'Fine.' }])
    const given = await task(PROMPT)
    const { args } = await runtime.invocation(given)
    for (const secret of ['octocat', 'INSTRUCTIONS-MARK', 'sk-scripted', given.nonce])
      expect(args.join(' ')).not.toContain(secret)
    expect((await runAgent(runtime, given)).outcome).toEqual({ ok: true })
    const [asked] = model.turns()
    expect(asked?.messages.at(-1)?.text).toContain(PROMPT.trim())
    expect(asked?.system).toContain('INSTRUCTIONS-MARK')
    expect(model.log.map(({ headers }) => headers['x-goog-api-key'])).toEqual(['sk-scripted'])
  })

  it('[AGT-5] says cause model for a refused key, at once, and leaves the conversation nowhere but in its private folder', async () => {
    const { model, runtime } = await withModel([{ misbehave: { kind: 'status', status: 401 } }])
    const run = await runAgent(runtime, await task('Go.'))
    expect(run.outcome).toMatchObject({ ok: false, failure: { cause: 'model' } })
    expect(model.turns()).toHaveLength(1)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('gemini-client-error'))).toEqual([])
    expect(readdirSync(`${folder.root}/private/tmp`).join()).toContain('gemini-client-error')
    expect(readdirSync(`${folder.root}/work`)).toEqual([])
  })
})
