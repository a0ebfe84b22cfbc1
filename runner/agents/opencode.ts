/**
 * OpenCode, headless: the prompt on standard input, one JSON event per line on standard output.
 * Follows https://opencode.ai/docs/cli, …/config, …/plugins.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SwitchyardError } from '../../src/contract/failure.ts'
import { agentProgram, detectAgent } from './detect.ts'
import { type ModelAccess, modelAccess, VENDOR_KEYS } from './model-access.ts'
import { type ModelRoute, modelRoute } from './model-route.ts'
import { opencodeParser } from './opencode-events.ts'
import { OPENCODE_PACKAGE } from './opencode-package.ts'
import { OPENCODE_PLUGIN } from './opencode-plugin.ts'
import { OPENCODE_SESSION } from './opencode-schema.ts'
import { outcomeOf } from './outcome.ts'
import { privateFolder, writePrivate } from './private-files.ts'
import type { AgentTask, Invocation, Runtime, RuntimeOptions } from './runtime.ts'
import { resumedSession } from './session-id.ts'
import { taskEnv } from './task-env.ts'
import { TREE_INSTRUCTIONS } from './tree-instructions.ts'

const PROVIDER = 'switchyard'
/** What OpenCode speaks each format by; all are part of the program. */
const LIBRARIES: Readonly<Record<ModelRoute['api'], string>> = {
  responses: '@ai-sdk/openai',
  messages: '@ai-sdk/anthropic',
  chat: '@ai-sdk/openai-compatible',
}

/** No traffic but the model's, and nothing of what the tree would have it load. */
const QUIET = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  OPENCODE_DISABLE_SHARE: '1',
  OPENCODE_DISABLE_PROJECT_CONFIG: '1',
} as const

/** The runtime for OpenCode, found on PATH or in the folder of tools. */
export function opencodeRuntime(options: RuntimeOptions): Runtime {
  return {
    name: OPENCODE_PACKAGE.runtime,
    detect: () => detectAgent(OPENCODE_PACKAGE, options, [VENDOR_KEYS.openai, VENDOR_KEYS.anthropic]),
    capabilities: {
      resume: true,
      systemPrompt: true,
      model: true,
      effort: true,
      usage: true,
      cost: false,
      command: false,
      tell: false,
    },
    invocation: (task) => invocation(task, options),
    parser: opencodeParser,
    outcome: (end) => outcomeOf('OpenCode', end),
  }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const { file, args, reads } = await agentProgram(OPENCODE_PACKAGE, options)
  if (task.model === undefined) {
    const message = 'The opencode runtime needs a model: set one, such as openai/gpt-5 or anthropic/claude-sonnet-4-5.'
    throw new SwitchyardError({ cause: 'config', message })
  }
  const route = modelRoute(task.model)
  const access = modelAccess(route.vendor, task, options)
  const resumed = resumedSession(task.resume, OPENCODE_SESSION)
  const folder = await privateFolder(task.privateDir, 'opencode')
  const at = (name: string) => join(folder, name)
  const instructions = await readFile(task.instructionsFile, 'utf8')
  await writePrivate(folder, 'instructions.md', `${instructions.trimEnd()}\n\n${TREE_INSTRUCTIONS}\n`)
  await writePrivate(folder, 'plugin.js', OPENCODE_PLUGIN)
  // The list of all vendors' models that it brings takes a second of a processor to read, and the job's one model is not on it.
  await writePrivate(folder, 'models.json', '{}')
  await withoutInstall(await privateFolder(folder, 'config', 'opencode'))
  const config = configOf(task, route, access, { instructions: at('instructions.md'), plugin: at('plugin.js') })
  await writePrivate(folder, 'config.json', JSON.stringify(config))
  const homes = {
    XDG_DATA_HOME: at('data'),
    XDG_CONFIG_HOME: at('config'),
    XDG_CACHE_HOME: at('cache'),
    XDG_STATE_HOME: at('state'),
  }
  return {
    file,
    reads,
    args: [...args, ...argumentsOf(resumed)],
    env: { ...taskEnv(task), ...QUIET, ...homes, OPENCODE_CONFIG: at('config.json'), OPENCODE_MODELS_PATH: at('models.json') },
    stdin: 'prompt',
    cwd: task.workDir,
  }
}

/**
 * At every start OpenCode installs the types for plug-ins from npm into its folder of settings, unless a lock file there says
 * that they are there. Nothing of ours needs them.
 */
async function withoutInstall(folder: string): Promise<void> {
  await privateFolder(folder, 'node_modules')
  const lock = { lockfileVersion: 3, packages: { '': { dependencies: { '@opencode-ai/plugin': '*' } } } }
  await writePrivate(folder, 'package-lock.json', JSON.stringify(lock))
}

function argumentsOf(resumed: string | undefined): string[] {
  // Without a title it asks the model for one.
  const title = ['--title', 'Switchyard']
  return ['run', '--format', 'json', '--auto', ...(resumed === undefined ? title : ['--session', resumed])]
}

function configOf(
  task: AgentTask,
  { api, model }: ModelRoute,
  access: ModelAccess,
  files: { instructions: string; plugin: string },
) {
  const options = task.effort === undefined ? {} : { options: { [effortOption(api)]: task.effort } }
  const name = `${PROVIDER}/${model}`
  return {
    provider: {
      [PROVIDER]: {
        npm: LIBRARIES[api],
        name: PROVIDER,
        // Its library for Anthropic wants the version as part of the address.
        options: { baseURL: api === 'messages' ? `${access.url}/v1` : access.url, apiKey: access.key },
        models: { [model]: { name: model, ...options } },
      },
    },
    model: name,
    small_model: name,
    permission: { '*': 'allow' },
    autoupdate: false,
    share: 'disabled',
    // A copy of the whole tree at every step, for a person to undo it.
    snapshot: false,
    instructions: [files.instructions],
    plugin: [pathToFileURL(files.plugin).href],
  }
}

function effortOption(api: ModelRoute['api']): string {
  return api === 'messages' ? 'effort' : 'reasoningEffort'
}
