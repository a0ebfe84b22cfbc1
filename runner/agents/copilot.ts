/**
 * GitHub's Copilot CLI, headless and offline: the prompt on standard input, one JSON event per line on standard output, the
 * model asked at an address of ours instead of GitHub's. Follows `copilot help`, `… help environment`, `… help providers`.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { OfferedRuntime } from '../../src/contract/api.ts'
import { SwitchyardError } from '../../src/contract/failure.ts'
import { copilotParser } from './copilot-events.ts'
import { COPILOT_PACKAGE } from './copilot-package.ts'
import { type SessionTokens, sessionTokens, tokensBetween } from './copilot-usage.ts'
import { agentProgram, detectAgent } from './detect.ts'
import { modelAccess, VENDOR_KEYS } from './model-access.ts'
import { type ModelRoute, modelRoute } from './model-route.ts'
import { outcomeOf } from './outcome.ts'
import { privateFolder, writePrivate } from './private-files.ts'
import type { AgentEvent, AgentTask, Invocation, Runtime, RuntimeOptions } from './runtime.ts'
import { resumedSession, UUID } from './session-id.ts'
import { taskEnv } from './task-env.ts'
import { agentDir } from './tools.ts'

const KEY_VARIABLE = 'COPILOT_PROVIDER_API_KEY'

/** Nothing of what the tree or an earlier session left is run or recalled, and commits name no second author. */
const SETTINGS = { autoUpdate: false, disableAllHooks: true, memory: false, includeCoAuthoredBy: false }

/** How long the program may take to unpack itself, in ms. */
const UNPACK_TIMEOUT_MS = 120_000
const NO_TOKENS: SessionTokens = { input: 0, output: 0, cacheRead: 0 }

/** The runtime for the Copilot CLI, found on PATH or in the folder of tools. */
export function copilotRuntime(options: RuntimeOptions): Runtime {
  return {
    name: COPILOT_PACKAGE.runtime,
    detect: () => detect(options),
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
    parser: copilotParser,
    outcome: (end) => outcomeOf('The Copilot CLI', end),
  }
}

/** The program unpacks itself (235 MB) once, beside where it is installed, and not once per job. */
function offline(options: RuntimeOptions): Record<string, string> {
  return {
    COPILOT_OFFLINE: 'true',
    COPILOT_AUTO_UPDATE: 'false',
    COPILOT_CACHE_HOME: cacheHome(options),
  }
}

function cacheHome({ toolsDir }: RuntimeOptions): string {
  return join(agentDir(toolsDir, COPILOT_PACKAGE), 'cache')
}

/** An agent must not be the one that unpacks the program which the next job runs. */
async function detect(options: RuntimeOptions): Promise<OfferedRuntime> {
  const keys = [VENDOR_KEYS.openai, VENDOR_KEYS.anthropic]
  const offered = await detectAgent(COPILOT_PACKAGE, options, keys, offline(options))
  if (!offered.ready) return offered
  const { file, args } = await agentProgram(COPILOT_PACKAGE, options)
  const env = { PATH: options.env.PATH ?? '', ...offline(options) }
  const home = await mkdtemp(join(tmpdir(), 'copilot-unpacks-'))
  const asked = await execa(file, [...args, '--version'], {
    extendEnv: false,
    env: { ...env, HOME: home, COPILOT_HOME: home },
    timeout: UNPACK_TIMEOUT_MS,
    reject: false,
  }).finally(() => rm(home, { recursive: true, force: true }))
  return asked.exitCode === 0 ? offered : { ...offered, ready: false, why: `It could not be unpacked: ${asked.shortMessage}` }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const { file, args, reads } = await agentProgram(COPILOT_PACKAGE, options)
  if (task.model === undefined) {
    const message = 'The copilot runtime needs a model: set one, such as openai/gpt-5 or anthropic/claude-sonnet-4-5.'
    throw new SwitchyardError({ cause: 'config', message })
  }
  const route = modelRoute(task.model)
  const access = modelAccess(route.vendor, task, options)
  const home = await privateFolder(task.privateDir, 'copilot')
  await writePrivate(home, 'settings.json', JSON.stringify(SETTINGS))
  await writePrivate(home, 'copilot-instructions.md', await readFile(task.instructionsFile))

  const resumed = resumedSession(task.resume, UUID)
  const session = resumed ?? randomUUID()
  const folder = await realpath(home)
  const usageFile = `usage-${session}.json`
  const before = resumed === undefined ? NO_TOKENS : await sessionTokens(folder, usageFile)
  await rm(join(folder, usageFile), { force: true })
  return {
    file,
    reads: [...reads, cacheHome(options)],
    args: [...args, ...argumentsOf(task, session), '--usage-output-file', join(folder, usageFile)],
    env: {
      ...taskEnv(task),
      ...offline(options),
      COPILOT_HOME: home,
      ...provider(route),
      COPILOT_PROVIDER_BASE_URL: access.url,
      [KEY_VARIABLE]: access.key,
    },
    stdin: 'prompt',
    cwd: task.workDir,
    async leftBehind(seen) {
      // The stream tells the session's id only in its last line; there is one when it has said anything at all.
      const begun = seen.session === null && seen.usage.turns !== undefined
      const named: AgentEvent[] = begun ? [{ type: 'session', id: session }] : []
      const after = before === null ? null : await sessionTokens(folder, usageFile)
      if (before === null || after === null) return named
      return [...named, { type: 'usage', usage: { ...seen.usage, ...tokensBetween(before, after) } }]
    },
  }
}

function argumentsOf(task: AgentTask, session: string): string[] {
  return [
    ...['--output-format', 'json', '--no-color'],
    ...['--allow-all', '--no-ask-user'],
    ...['--no-auto-update', '--disable-client-telemetry', '--no-remote', '--disable-builtin-mcps'],
    `--secret-env-vars=${KEY_VARIABLE}`,
    ...(task.effort === undefined ? [] : ['--reasoning-effort', task.effort]),
    ...(task.resume === undefined ? ['--session-id', session] : [`--resume=${session}`]),
  ]
}

function provider({ vendor, api, model }: ModelRoute): Record<string, string> {
  if (vendor === 'anthropic') return { COPILOT_MODEL: model, COPILOT_PROVIDER_TYPE: 'anthropic' }
  const wire = api === 'responses' ? 'responses' : 'completions'
  return { COPILOT_MODEL: model, COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: wire }
}
