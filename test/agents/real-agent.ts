/** How the tests of every real agent start it: with the scripted model in its vendor's place, in folders of its own. */
import { resolve } from 'node:path'
import process from 'node:process'
import type { Vendor } from '../../runner/agents/model-access.ts'
import { VENDOR_KEYS } from '../../runner/agents/model-access.ts'
import type { AgentEvent, AgentTask, Runtime, RuntimeOptions, ToolKind } from '../../runner/agents/runtime.ts'
import { type AgentPackage, DEFAULT_TOOLS_DIR, findBinary } from '../../runner/agents/tools.ts'
import type { Usage } from '../../src/contract/job.ts'
import type { Misbehaviour, Script } from '../model/script.ts'
import { type ScriptedModel, startModel } from '../model/server.ts'
import { type TaskFolder, taskFolder } from './run-agent.ts'

export const KEY = 'sk-scripted'
const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)

/** In which way the agents differ, as far as the tests that all have in common must know. */
export interface RealAgent {
  agent: AgentPackage
  make(options: RuntimeOptions): Runtime
  model: string
  vendor: Vendor
  /** The header that its key is presented in, as it is for this key. */
  keyHeader(key: string): readonly [name: string, value: string]
  /** Where the model is told the instructions: in the system prompt, or before the prompt. */
  instructionsIn: 'system' | 'messages'
  session: RegExp
  /** A session of that form that nobody has. */
  noSession: string
  /** The tools by which it writes and edits a file, keeps a list, runs a command that fails, and reports. */
  tools: readonly (readonly [name: string, kind: ToolKind, ok: boolean])[]
  /** It tells of a list of things to do. */
  tellsTodos: boolean
  /** What it tells to have used for that work, and for one answer. */
  usage: { work: Usage; answer: Usage }
  /** How it tells the model that little effort is wanted; absent where it cannot. */
  lowEffort?: RegExp
  /** Whether the commands it runs find the key in their environment. */
  keyInEnvironment: boolean
  /** What the model answers instead, and what comes of it at once: a cause, or that it goes on. */
  misbehaviours: readonly (readonly [Misbehaviour, 'model' | 'rate-limit' | 'goes on'])[]
  /** Its exit code where the model refuses; absent where it says nothing. */
  refusedExitCode?: number
  /** Words that look like its own of a failure. */
  words: string
  /** Writes what a tree may bring that must not take effect, all of which would make the file `evil`; absent: it takes effect. */
  temptations?(work: string, evil: string): Promise<void>
  /** Longest time of one test, in ms. */
  timeoutMs?: number
}

/** What one test has. */
export interface Bench {
  folder: TaskFolder
  /** The runtime without a key, and where nothing is installed. */
  keyless: Runtime
  missing: Runtime
  /** Starts a model that follows the script. */
  withModel(script: Script): Promise<{ model: ScriptedModel; runtime: Runtime }>
  task(prompt: string, more?: Partial<AgentTask>): Promise<AgentTask>
  close(): Promise<void>
}

/** What is tested, and whether it is installed here. In CI every agent must be there. */
export async function titleOf({ agent }: RealAgent): Promise<{ title: string; skip: boolean }> {
  const installed = (await findBinary(agent, { env: process.env, toolsDir })) !== null
  const title = `the ${agent.runtime} runtime with the real ${agent.title.replace(/^The /, '')}`
  if (installed) return { title, skip: false }
  const why = `SKIPPED: not installed; run: npm run agents:install -- ${agent.runtime}`
  return { title: `${title} (${why})`, skip: process.env.CI !== 'true' }
}

export async function openBench({ make, model: modelName, vendor }: RealAgent): Promise<Bench> {
  const folder = await taskFolder()
  const models: ScriptedModel[] = []
  const { PATH } = process.env
  return {
    folder,
    keyless: make({ env: { PATH }, toolsDir }),
    missing: make({ env: { PATH: '' }, toolsDir: folder.root }),
    async withModel(script) {
      const model = await startModel({ script })
      models.push(model)
      const urls = { openai: 'OPENAI_BASE_URL', anthropic: 'ANTHROPIC_BASE_URL', google: 'GOOGLE_GEMINI_BASE_URL' }
      const url = vendor === 'openai' ? `${model.url}/v1` : model.url
      return { model, runtime: make({ env: { PATH, [VENDOR_KEYS[vendor]]: KEY, [urls[vendor]]: url }, toolsDir }) }
    },
    task: (prompt, more = {}) => folder.task(prompt, { model: modelName, ...more }),
    async close() {
      for (const model of models) await model.close()
      await folder.remove()
    },
  }
}

export function ofType<T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) {
  return events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type)
}
