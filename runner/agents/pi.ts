/**
 * Pi, headless: the prompt on standard input, one JSON event per line on standard output, the models of Anthropic.
 * Follows the documentation in its package (`docs/cli.md`, `docs/json.md`, `docs/models.md`, `docs/settings.md`).
 */
import { join } from 'node:path'
import { agentProgram, detectAgent } from './detect.ts'
import { modelAccess, VENDOR_KEYS } from './model-access.ts'
import { outcomeOf } from './outcome.ts'
import { piParser } from './pi-events.ts'
import { PI_PACKAGE } from './pi-package.ts'
import { privateFolder, writePrivate } from './private-files.ts'
import type { AgentTask, Invocation, Runtime, RuntimeOptions } from './runtime.ts'
import { taskEnv } from './task-env.ts'

const KEY = VENDOR_KEYS.anthropic
const PROVIDER = 'anthropic'
/** No traffic but the model's. */
const QUIET = { PI_OFFLINE: '1', PI_TELEMETRY: '0' } as const
/** No retries of its own: they outlast the watchdogs and hide the cause. */
const SETTINGS = {
  enableInstallTelemetry: false,
  retry: { enabled: false, maxRetries: 0, provider: { maxRetries: 0 } },
} as const

/** The runtime for Pi, found on PATH or in the folder of tools. */
export function piRuntime(options: RuntimeOptions): Runtime {
  return {
    name: PI_PACKAGE.runtime,
    detect: () => detectAgent(PI_PACKAGE, options, [KEY]),
    capabilities: {
      resume: true,
      systemPrompt: true,
      model: true,
      effort: true,
      usage: true,
      cost: true,
      command: false,
      tell: false,
    },
    invocation: (task) => invocation(task, options),
    parser: piParser,
    // It exits with 0 also where the model refused: what its events say counts first.
    outcome: (end) => outcomeOf('Pi', end),
  }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const { file, args, reads } = await agentProgram(PI_PACKAGE, options)
  const folder = await privateFolder(task.privateDir, 'pi')
  const access = modelAccess('anthropic', task, options)
  const models = { providers: { [PROVIDER]: { baseUrl: access.url } } }
  await writePrivate(folder, 'models.json', JSON.stringify(models))
  await writePrivate(folder, 'settings.json', JSON.stringify(SETTINGS))
  const env = { ...taskEnv(task), ...QUIET, PI_CODING_AGENT_DIR: folder, [KEY]: access.key }
  return { file, args: [...args, ...argumentsOf(task, folder)], reads, env, stdin: 'prompt', cwd: task.workDir }
}

function argumentsOf(task: AgentTask, folder: string): string[] {
  return [
    '-p',
    ...['--mode', 'json'],
    ...['--provider', PROVIDER],
    // A repository's own settings could name another folder for sessions, or code to load into the agent.
    ...['--session-dir', join(folder, 'sessions')],
    '--no-approve',
    ...['--append-system-prompt', task.instructionsFile],
    ...(task.model === undefined ? [] : ['--model', task.model]),
    ...(task.effort === undefined ? [] : ['--thinking', task.effort]),
    ...(task.resume === undefined ? [] : ['--session', task.resume]),
  ]
}
