import { resolve } from 'node:path'
import process from 'node:process'
import { runtimes } from '../../../runner/agents/registry.ts'
import type { Runtime, RuntimeOptions } from '../../../runner/agents/runtime.ts'
import { DEFAULT_TOOLS_DIR } from '../../../runner/agents/tools.ts'
import type { RuntimeChoice } from '../../../src/contract/job.ts'
import { vendors } from './vendors.ts'

/** The models of those runtimes that know models by their names. */
const MODELS: Readonly<Record<string, string>> = {
  claude: 'claude-sonnet-4-5',
  pi: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-pro',
  opencode: 'scripted',
}
const DEFAULT_MODEL = 'gpt-scripted'
/** The runtime that starts any program: it is given a small agent of ours. */
const PROGRAM = 'command'
const AGENT = resolve(import.meta.dirname, 'model-agent.ts')

const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)

/** One row of the table. */
export interface Subject {
  name: string
  /** Whether it is installed here. */
  version: string | null
  installed: boolean
  /** What a sandbox must show of the machine for it, beside what the runtime names itself. */
  reads: string[]
  choice: RuntimeChoice
  /** The runtime of a runner with this environment. */
  runtime(env: RuntimeOptions['env']): Runtime
}

/** Every runtime of the registry: none can be left out of the table. */
export async function subjects(): Promise<Subject[]> {
  const made = (env: RuntimeOptions['env']) => runtimes({ env, toolsDir })
  return await Promise.all(
    [...made(vendors('http://127.0.0.1:9'))].map(async ([name, offered]) => {
      const { ready, version } = await offered.detect()
      const choice = { name, model: MODELS[name] ?? DEFAULT_MODEL }
      return {
        name,
        version,
        installed: ready,
        reads: name === PROGRAM ? [AGENT] : [],
        choice: name === PROGRAM ? { ...choice, command: [process.execPath, AGENT] } : choice,
        runtime: (env: RuntimeOptions['env']) => made(env).get(name) ?? offered,
      }
    }),
  )
}
