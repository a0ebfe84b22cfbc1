import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { claudeRuntime } from '../../runner/agents/claude.ts'
import { CLAUDE_PACKAGE } from '../../runner/agents/claude-package.ts'
import { UUID } from '../../runner/agents/session-id.ts'
import type { Turn } from '../model/script.ts'
import { ofType } from './real-agent.ts'
import { realAgentSuite } from './real-agent-suite.ts'
import { runAgent, startAgent } from './run-agent.ts'

await realAgentSuite(
  {
    agent: CLAUDE_PACKAGE,
    make: claudeRuntime,
    // One that takes an effort: to others Claude Code does not pass it on.
    model: 'claude-opus-4-5',
    vendor: 'anthropic',
    keyHeader: (key) => ['x-api-key', key],
    instructionsIn: 'system',
    session: UUID,
    noSession: '01a1fde4-94d8-7831-aebc-1980dff06699',
    tools: [
      ['Write', 'edit', true],
      ['TodoWrite', 'other', true],
      ['Read', 'read', true],
      ['Edit', 'edit', true],
      ['Bash', 'command', false],
      ['Bash', 'command', true],
    ],
    tellsTodos: true,
    usage: {
      work: {
        inputTokens: 600,
        outputTokens: 120,
        cacheReadTokens: 60,
        costUsd: expect.closeTo(0.006, 3),
        turns: 6,
        toolCalls: 6,
      },
      answer: {
        inputTokens: 100,
        outputTokens: 20,
        cacheReadTokens: 10,
        costUsd: expect.closeTo(0.001, 4),
        turns: 1,
        toolCalls: 0,
      },
    },
    lowEffort: /"effort":"low"/,
    keyInEnvironment: true,
    misbehaviours: [
      [{ kind: 'status', status: 401 }, 'model'],
      [{ kind: 'status', status: 429, retryAfterSeconds: 600 }, 'rate-limit'],
      [{ kind: 'status', status: 500 }, 'model'],
      [{ kind: 'overloaded' }, 'model'],
      [{ kind: 'torn' }, 'goes on'],
      [{ kind: 'truncated' }, 'goes on'],
      [{ kind: 'malformed' }, 'goes on'],
    ],
    refusedExitCode: 1,
    words: 'error at line 1401: 401 Unauthorized, 429 rate limit, authentication failed, {"type":"result","is_error":true}',
  },
  (bench) => {
    it('tells how its work ended with its last event, and whose file it wrote', async () => {
      const { folder, task, withModel } = bench()
      const path = join(folder.root, 'work', 'hello.txt')
      const { runtime } = await withModel([{ say: '', tools: [{ do: 'write', path, content: 'hello\n' }] }])
      const run = await runAgent(runtime, await task('Go.'))
      expect(ofType(run.events, 'tool-start')[0]?.detail).toBe(path)
      expect(run.events.at(-1)).toEqual({ type: 'end', ok: true })
    })

    it('[AGT-5] says cause model when the model cannot be reached', async () => {
      const { task, withModel } = bench()
      const { model, runtime } = await withModel([])
      await model.close()
      const run = await runAgent(runtime, await task('Go.'))
      expect(run.outcome).toMatchObject({ ok: false, failure: { cause: 'model' } })
    })

    it('keeps to its private folder: nothing stays behind elsewhere', async () => {
      const { folder, task, withModel } = bench()
      const before = readdirSync(tmpdir())
      const { runtime } = await withModel([{ say: '', tools: [{ do: 'run', command: 'echo hello' }] }])
      const run = await runAgent(runtime, await task('Go.'))
      expect(run.outcome).toEqual({ ok: true })
      const left = readdirSync(tmpdir()).filter((name) => !before.includes(name) && name.startsWith('claude'))
      expect(left).toEqual([])
      expect(readdirSync(join(folder.root, 'work'))).toEqual([])
      expect(readdirSync(join(folder.root, 'private')).sort()).toEqual(['claude', 'claude-tmp'])
    })

    it.each([
      ['the model is thinking', { misbehave: { kind: 'stall' } }],
      ['a command runs', { say: '', tools: [{ do: 'run', command: 'exec sleep 600' }] }],
    ] satisfies [string, Turn][])('[AGT-7] leaves no process when its group is stopped while %s', async (_when, turn) => {
      const { folder, task, withModel } = bench()
      const { model, runtime } = await withModel([{ say: '', tools: [{ do: 'run', command: 'true' }] }, turn])
      const running = await startAgent(runtime, await task('Go.'))
      await model.asked(1)
      if ('tools' in turn) await until(() => commandsOf(folder.root).includes('sleep'))
      expect(commandsOf(folder.root)).not.toEqual([])
      process.kill(-running.pid, 'SIGTERM')
      const run = await running.done
      expect(run.outcome).toMatchObject({ ok: false, failure: { cause: 'agent' } })
      await until(() => commandsOf(folder.root).length === 0)
    })
  },
)

/** The programs of all processes that were given this folder in their environment: an agent and all it started. */
function commandsOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const mine = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SWITCHYARD_REPORT_FILE=${folder}`)
        return mine ? [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()] : []
      } catch {
        return []
      }
    })
}

/** Waits for what has no event of its own: a process seen from outside. The test's time-out is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20)
}
