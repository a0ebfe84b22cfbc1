import { resolve } from 'node:path'
import process from 'node:process'
import { runtimes } from '../../../runner/agents/registry.ts'
import type { Runtime } from '../../../runner/agents/runtime.ts'
import { DEFAULT_TOOLS_DIR } from '../../../runner/agents/tools.ts'
import type { RuntimeChoice } from '../../../src/contract/job.ts'

/** What the table must know of a runtime beyond what it says of itself. */
interface Peculiarity {
  model?: string
  /** How many requests it makes of a model that is over its rate limit, although it is told to make one. */
  rateLimitRequests?: number
}

const PECULIARITIES: Readonly<Record<string, Peculiarity>> = {
  claude: { model: 'claude-sonnet-4-5' },
  pi: { model: 'claude-sonnet-4-5' },
  gemini: { model: 'gemini-2.5-pro' },
  opencode: { model: 'scripted' },
}
const DEFAULT_MODEL = 'gpt-scripted'
/** The runtime that starts any program: it is given a small agent of ours. */
const PROGRAM = 'command'
const AGENT = resolve(import.meta.dirname, 'model-agent.ts')

const toolsDir = resolve(process.env.SWITCHYARD_TOOLS_DIR ?? DEFAULT_TOOLS_DIR)

/** One row of the table. */
export interface Subject {
  name: string
  rateLimitRequests: number
  /** Whether it is installed here. */
  version: string | null
  installed: boolean
  /** The runtime with its model at this address. */
  runtime(modelUrl: string): Runtime
  choice(modelUrl: string): RuntimeChoice
}

/** Every runtime of the registry: none can be left out of the table. */
export async function subjects(): Promise<Subject[]> {
  const made = (modelUrl: string) => runtimes({ env: environment(modelUrl), toolsDir })
  return await Promise.all(
    [...made('http://127.0.0.1:9').keys()].map(async (name) => {
      const { model = DEFAULT_MODEL, rateLimitRequests = 1 } = PECULIARITIES[name] ?? {}
      const runtime = (modelUrl: string) => {
        const found = made(modelUrl).get(name)
        if (found === undefined) throw new Error(`no runtime ${name}`)
        return found
      }
      const { ready, version } = await runtime('http://127.0.0.1:9').detect()
      return {
        name,
        rateLimitRequests,
        version,
        installed: ready,
        runtime,
        choice: (modelUrl: string) => ({
          name,
          model,
          ...(name === PROGRAM ? { command: [process.execPath, AGENT, modelUrl] } : {}),
        }),
      }
    }),
  )
}

/** The runner's environment, with every vendor's key, and every vendor at the scripted model's address. */
function environment(modelUrl: string) {
  return {
    PATH: process.env.PATH,
    ANTHROPIC_API_KEY: 'sk-scripted',
    ANTHROPIC_BASE_URL: modelUrl,
    OPENAI_API_KEY: 'sk-scripted',
    OPENAI_BASE_URL: `${modelUrl}/v1`,
    GEMINI_API_KEY: 'sk-scripted',
    GOOGLE_GEMINI_BASE_URL: modelUrl,
  }
}
