/**
 * Claude Code, headless: the prompt on standard input, one JSON event per line on standard output.
 * Follows https://code.claude.com/docs/en/headless and https://code.claude.com/docs/en/cli-reference.
 */
import process from 'node:process'
import { claudeParser } from './claude-events.ts'
import { CLAUDE_PACKAGE } from './claude-package.ts'
import { agentProgram, detectAgent } from './detect.ts'
import { modelAccess, VENDOR_KEYS } from './model-access.ts'
import { outcomeOf } from './outcome.ts'
import { privateFolder } from './private-files.ts'
import type { AgentTask, Invocation, Runtime, RuntimeOptions } from './runtime.ts'
import { taskEnv } from './task-env.ts'

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
    detect: () => detectAgent(CLAUDE_PACKAGE, options, [VENDOR_KEYS.anthropic]),
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
    parser: claudeParser,
    outcome: (end) => outcomeOf('Claude Code', end),
  }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const { file, args, reads } = await agentProgram(CLAUDE_PACKAGE, options)
  const folders = {
    CLAUDE_CONFIG_DIR: await privateFolder(task.privateDir, 'claude'),
    CLAUDE_CODE_TMPDIR: await privateFolder(task.privateDir, 'claude-tmp'),
  }
  const env = { ...environment(task, options), ...folders }
  return { file, args: [...args, ...argumentsOf(task)], reads, env, stdin: 'prompt', cwd: task.workDir }
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
  const access = modelAccess('anthropic', task, options)
  return {
    ...taskEnv(task),
    ...QUIET,
    // As root it refuses to work without asking, unless it is told that it is in a sandbox.
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
    ANTHROPIC_BASE_URL: access.url,
    [VENDOR_KEYS.anthropic]: access.key,
  }
}
