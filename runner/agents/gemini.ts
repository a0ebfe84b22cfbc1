/**
 * Gemini CLI, headless: the prompt on standard input, one JSON event per line on standard output.
 * Follows the documentation in its package (`cli/headless.md`, `reference/configuration.md`).
 */
import { readFile } from 'node:fs/promises'
import { agentProgram, detectAgent } from './detect.ts'
import { geminiParser } from './gemini-events.ts'
import { GEMINI_PACKAGE } from './gemini-package.ts'
import { geminiSettings } from './gemini-settings.ts'
import { modelAccess, VENDOR_KEYS } from './model-access.ts'
import { outcomeOf } from './outcome.ts'
import { privateFolder, writePrivate } from './private-files.ts'
import type { AgentTask, Invocation, Outcome, ProcessEnd, Runtime, RuntimeOptions } from './runtime.ts'
import { taskEnv } from './task-env.ts'

const KEY = VENDOR_KEYS.google
/** It exits with the model's HTTP status, of which the system keeps the last eight bits. */
const RATE_LIMITED_EXIT_CODE = 429 & 0xff

/** The runtime for Gemini CLI, found on PATH or in the folder of tools. */
export function geminiRuntime(options: RuntimeOptions): Runtime {
  return {
    name: GEMINI_PACKAGE.runtime,
    detect: () => detectAgent(GEMINI_PACKAGE, options, [KEY]),
    capabilities: {
      resume: true,
      systemPrompt: true,
      model: true,
      effort: false,
      usage: true,
      cost: false,
      command: false,
      tell: false,
    },
    invocation: (task) => invocation(task, options),
    parser: geminiParser,
    outcome,
  }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const { file, args, reads } = await agentProgram(GEMINI_PACKAGE, options)
  const access = modelAccess('google', task, options)
  const home = await privateFolder(task.privateDir, 'gemini')
  const tmp = await privateFolder(task.privateDir, 'tmp')
  const memory = await privateFolder(home, '.gemini')
  // The user's: as the system's, above a repository's own, it takes none that do not belong to root, who is not in a sandbox.
  await writePrivate(memory, 'settings.json', JSON.stringify(geminiSettings()))
  // It has no option for instructions: its memory of the user is what it adds to the system prompt.
  await writePrivate(memory, 'GEMINI.md', await readFile(task.instructionsFile))
  const env = {
    ...taskEnv(task),
    GEMINI_CLI_HOME: home,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    GEMINI_CLI_NO_RELAUNCH: 'true',
    GEMINI_TELEMETRY_ENABLED: 'false',
    // It leaves the whole conversation there when the model refuses.
    TMPDIR: tmp,
    GOOGLE_GEMINI_BASE_URL: access.url,
    [KEY]: access.key,
  }
  return { file, args: [...args, ...argumentsOf(task)], reads, env, stdin: 'prompt', cwd: task.workDir }
}

function argumentsOf(task: AgentTask): string[] {
  return [
    ...['--approval-mode', 'yolo'],
    ...['-o', 'stream-json'],
    ...(task.model === undefined ? [] : ['-m', task.model]),
    ...(task.resume === undefined ? [] : ['--resume', task.resume]),
  ]
}

function outcome(end: ProcessEnd): Outcome {
  const judged = outcomeOf('Gemini CLI', end)
  if (judged.ok || judged.failure.cause !== 'model' || end.exitCode !== RATE_LIMITED_EXIT_CODE) return judged
  return { ok: false, failure: { ...judged.failure, cause: 'rate-limit' } }
}
