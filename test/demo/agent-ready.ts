import path from 'node:path'
import { CLAUDE_PACKAGE } from '../../runner/agents/claude-package.ts'
import { runtimes } from '../../runner/agents/registry.ts'
import { DEFAULT_TOOLS_DIR } from '../../runner/agents/tools.ts'

/** What keeps the real agent from working here, with what to do about it; null when nothing does. */
export async function claudeMissing(env: NodeJS.ProcessEnv, toolsDir = DEFAULT_TOOLS_DIR): Promise<string | null> {
  if (env.ANTHROPIC_API_KEY === undefined || env.ANTHROPIC_API_KEY === '') {
    return 'The real agent needs a key, and ANTHROPIC_API_KEY is not set. Set it, or leave --agent out for the scripted agent:\n    ANTHROPIC_API_KEY=<your key> npm run demo -- --agent claude'
  }
  const runtime = runtimes({ env, toolsDir: path.resolve(toolsDir) }).get(CLAUDE_PACKAGE.runtime)
  const found = await runtime?.detect()
  if (found === undefined) return 'This version has no runtime for Claude Code.'
  return found.ready ? null : (found.why ?? 'Claude Code is not ready.')
}
