/**
 * OpenAI's Codex, headless: the prompt on standard input, one JSON event per line on standard output.
 * Follows https://developers.openai.com/codex/noninteractive and …/codex/config-reference.
 *
 * All settings are in a file of a home of its own per job, the key in its environment. Of the tree only what is text is
 * used: as an untrusted project its `.codex` folder (settings, MCP servers, hooks) stays unread.
 */
import { readFile, realpath } from 'node:fs/promises'
import { codexConfig, KEY_VARIABLE } from './codex-config.ts'
import { codexParser } from './codex-events.ts'
import { CODEX_PACKAGE } from './codex-package.ts'
import { rolloutEnd, rolloutEvents } from './codex-rollout.ts'
import { agentProgram, detectAgent } from './detect.ts'
import { modelAccess, VENDOR_KEYS } from './model-access.ts'
import { outcomeOf } from './outcome.ts'
import { privateFolder, writePrivate } from './private-files.ts'
import type { AgentTask, Invocation, Runtime, RuntimeOptions } from './runtime.ts'
import { resumedSession, UUID } from './session-id.ts'
import { taskEnv } from './task-env.ts'
import { TREE_INSTRUCTIONS } from './tree-instructions.ts'

/** The runtime for Codex, found on PATH or in the folder of tools. */
export function codexRuntime(options: RuntimeOptions): Runtime {
  return {
    name: CODEX_PACKAGE.runtime,
    detect: () => detectAgent(CODEX_PACKAGE, options, [VENDOR_KEYS.openai]),
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
    parser: codexParser,
    outcome: (end) => outcomeOf('Codex', end),
  }
}

async function invocation(task: AgentTask, options: RuntimeOptions): Promise<Invocation> {
  const { file, args, reads } = await agentProgram(CODEX_PACKAGE, options)
  const access = modelAccess('openai', task, options)
  const home = await privateFolder(task.privateDir, 'codex')
  await writePrivate(home, 'config.toml', codexConfig(task, access.url))
  // The one text that a resumed session is told anew when it has changed. Of an untrusted project the same file is not read.
  const instructions = await readFile(task.instructionsFile, 'utf8')
  await writePrivate(home, 'AGENTS.md', `${instructions.trimEnd()}\n\n${TREE_INSTRUCTIONS}\n`)

  const codexHome = await realpath(home)
  const unknown = { tokens: undefined, error: undefined }
  const resumed = resumedSession(task.resume, UUID)
  const before = resumed === undefined ? null : ((await rolloutEnd(codexHome, resumed)) ?? unknown)
  return {
    file,
    reads,
    args: [...args, 'exec', ...(resumed === undefined ? [] : ['resume', resumed]), '--json', '--skip-git-repo-check', '-'],
    env: { ...taskEnv(task), CODEX_HOME: home, [KEY_VARIABLE]: access.key },
    stdin: 'prompt',
    cwd: task.workDir,
    async leftBehind(seen) {
      const after = seen.session === null ? null : await rolloutEnd(codexHome, seen.session)
      return after === null ? [] : rolloutEvents(seen, before, after)
    },
  }
}
