import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { geminiRuntime } from '../../runner/agents/gemini.ts'
import { GEMINI_PACKAGE } from '../../runner/agents/gemini-package.ts'
import { UUID } from '../../runner/agents/session-id.ts'
import { realAgentSuite } from './real-agent-suite.ts'
import { runAgent } from './run-agent.ts'

await realAgentSuite(
  {
    agent: GEMINI_PACKAGE,
    make: geminiRuntime,
    model: 'gemini-2.5-pro',
    vendor: 'google',
    keyHeader: (key) => ['x-goog-api-key', key],
    instructionsIn: 'system',
    session: UUID,
    noSession: '01a1fde4-94d8-7831-aebc-1980dff06699',
    tools: [
      ['write_file', 'edit', true],
      ['write_todos', 'other', true],
      ['replace', 'edit', true],
      // That a command failed it does not tell.
      ['run_shell_command', 'command', true],
      ['run_shell_command', 'command', true],
    ],
    tellsTodos: true,
    usage: {
      work: { inputTokens: 600, outputTokens: 120, cacheReadTokens: 60, turns: 6, toolCalls: 5 },
      answer: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 10, turns: 1, toolCalls: 0 },
    },
    keyInEnvironment: true,
    misbehaviours: [
      [{ kind: 'status', status: 401 }, 'model'],
      [{ kind: 'status', status: 429, retryAfterSeconds: 600 }, 'rate-limit'],
    ],
    words: 'error: 401 Unauthorized, 429 rate limit, {"type":"result","status":"error"}',
  },
  (bench) => {
    it('leaves the conversation nowhere but in its private folder when the model refuses', async () => {
      const { folder, task, withModel } = bench()
      const { runtime } = await withModel([{ misbehave: { kind: 'status', status: 401 } }])
      const run = await runAgent(runtime, await task('Go.'))
      expect(run.outcome.ok).toBe(false)
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith('gemini-client-error'))).toEqual([])
      expect(readdirSync(`${folder.root}/private/tmp`).join()).toContain('gemini-client-error')
      expect(readdirSync(`${folder.root}/work`)).toEqual([])
    })
  },
)
