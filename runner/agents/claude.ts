/**
 * Claude Code, headless: the prompt on standard input, one JSON event per line on standard output.
 * Follows https://code.claude.com/docs/en/headless and https://code.claude.com/docs/en/cli-reference.
 *
 * The key: until the model gateway is there, the runner's own ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL are handed on to
 * the agent, which can therefore read the key. With a gateway in the task its address and its token take their place.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { SwitchyardError } from '../../src/contract/failure.ts'
import { claudeParser } from './claude-events.ts'
import { CLAUDE_PACKAGE } from './claude-package.ts'
import { endInWords, failed } from './outcome.ts'
import type { AgentTask, Invocation, Outcome, ProcessEnd, Runtime, RuntimeOptions } from './runtime.ts'
import { taskEnv } from './task-env.ts'
import { findBinary } from './tools.ts'

/** How long `claude --version` may take, in ms. */
const VERSION_TIMEOUT_MS = 15_000

const NOT_INSTALLED =
  'Claude Code is neither on PATH nor in the folder of tools; install it with: npm run agents:install claude'

/** No traffic but the model's, no updates, no retries of its own: they outlast the watchdogs and hide the cause. */
const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_MAX_RETRIES: '0',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  // The older to-do tool tells its whole list each time; its successor tells changes of items without their number.
  CLAUDE_CODE_ENABLE_TASKS: '0',
} as const

/** Tools that would work elsewhere than in the job's folders, or later than the job. */
const UNFIT_TOOLS = ['EnterWorktree', 'ExitWorktree', 'CronCreate', 'CronDelete', 'CronList', 'ScheduleWakeup'] as const

/** The runtime for Claude Code, found on PATH or in the folder of tools. */
export function claudeRuntime(options: RuntimeOptions): Runtime {
  return {
    name: CLAUDE_PACKAGE.runtime,
    detect: () => detect(options),
    capabilities: { resume: true, systemPrompt: true, model: true, effort: true, usage: true, cost: true, tell: false },
    invocation: (task) => invocation(task, options),
    parser: claudeParser,
    outcome,
  }
}

async function detect(options: RuntimeOptions) {
  const name = CLAUDE_PACKAGE.runtime
  const file = await findBinary(CLAUDE_PACKAGE, options)
  if (file === null) return { name, version: null, ready: false, why: NOT_INSTALLED }
  const asked = await execa(file, ['--version'], {
    extendEnv: false,
    env: { PATH: options.env.PATH ?? '' },
    timeout: VERSION_TIMEOUT_MS,
    reject: false,
  })
  if (asked.exitCode !== 0) return { name, version: null, ready: false, why: `${file} --version failed: ${asked.shortMessage}` }
  const version = asked.stdout.split(' ')[0] ?? null
  if (options.env.ANTHROPIC_API_KEY === undefined) {
    return { name, version, ready: false, why: 'ANTHROPIC_API_KEY is not set in the environment of the runner.' }
  }
  return { name, version, ready: true }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const file = await findBinary(CLAUDE_PACKAGE, options)
  if (file === null) throw new SwitchyardError({ cause: 'config', message: NOT_INSTALLED })
  const folders = {
    CLAUDE_CONFIG_DIR: join(task.privateDir, 'claude'),
    CLAUDE_CODE_TMPDIR: join(task.privateDir, 'claude-tmp'),
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true })
  const env = { ...environment(task, options), ...folders }
  return { file, args: argumentsOf(task), env, stdin: 'prompt', cwd: task.workDir }
}

function argumentsOf(task: AgentTask): string[] {
  return [
    '-p',
    ...['--output-format', 'stream-json', '--verbose'],
    ...['--permission-mode', 'bypassPermissions'],
    ...['--disallowed-tools', UNFIT_TOOLS.join(',')],
    ...['--append-system-prompt-file', task.instructionsFile],
    // A resumed session would otherwise be given the system prompt it began with, not this task's.
    ...['--system-prompt-snapshot', 'off'],
    ...(task.model === undefined ? [] : ['--model', task.model]),
    ...(task.effort === undefined ? [] : ['--effort', task.effort]),
    ...(task.resume === undefined ? [] : ['--resume', task.resume]),
  ]
}

function environment(task: AgentTask, options: RuntimeOptions): Record<string, string> {
  return {
    ...taskEnv(task),
    ...QUIET,
    // As root it refuses to work without asking, unless it is told that it is in a sandbox.
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
    ...modelAccess(task, options),
  }
}

function modelAccess(task: AgentTask, options: RuntimeOptions): Record<string, string> {
  if (task.gateway !== undefined) return { ANTHROPIC_BASE_URL: task.gateway.url, ANTHROPIC_API_KEY: task.gateway.token }
  const key = options.env.ANTHROPIC_API_KEY
  const url = options.env.ANTHROPIC_BASE_URL
  return {
    ...(key === undefined ? {} : { ANTHROPIC_API_KEY: key }),
    ...(url === undefined ? {} : { ANTHROPIC_BASE_URL: url }),
  }
}

function outcome(end: ProcessEnd): Outcome {
  if (end.sawEnd === null) return failed('agent', `Claude Code ${endInWords(end)} without saying how its work ended.`, end)
  if (!end.sawEnd.ok) {
    const { cause, message } = end.sawEnd.error ?? { cause: 'agent' as const, message: 'Claude Code reported a failure.' }
    return failed(cause, message, end)
  }
  if (end.exitCode === 0) return { ok: true }
  return failed('agent', `Claude Code ${endInWords(end)} after its work had ended.`, end)
}
