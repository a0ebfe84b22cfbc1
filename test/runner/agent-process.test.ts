/** What a runtime can ask of the runner beside starting a program: to end it, and to look at what it left. */
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runAgentProcess } from '../../runner/agent-process.ts'
import type { AgentEvent, EventParser, SeenEvents } from '../../runner/agents/runtime.ts'
import { systemClock } from '../../runner/clock.ts'
import { bareLauncher } from '../../runner/launcher.ts'
import { JobLimits } from '../../src/contract/job.ts'
import { JobGuard } from '../../src/contract/job-guard.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(async () => {
  await shop.close()
})

/** A runtime whose every line is an event. */
function parser(): EventParser {
  return {
    push: (chunk) =>
      chunk
        .toString()
        .trim()
        .split('\n')
        .map((line): AgentEvent => JSON.parse(line)),
    end: () => [],
  }
}

async function run(script: string, leftBehind?: (seen: SeenEvents) => Promise<AgentEvent[]>) {
  const events: AgentEvent[] = []
  const promptFile = `${shop.dir}/prompt`
  await writeFile(promptFile, '')
  const ended = await runAgentProcess({
    runtime: { parser },
    invocation: {
      file: '/bin/sh',
      args: ['-c', script],
      env: { PATH: process.env.PATH ?? '' },
      stdin: 'none',
      cwd: shop.dir,
      ...(leftBehind === undefined ? {} : { leftBehind }),
    },
    promptFile,
    limits: JobLimits.parse({}),
    guard: { limits: JobGuard.parse({}), mode: 'code' },
    clock: systemClock,
    launch: bareLauncher(`agent-process-test-${process.pid}`, {}),
    onEvent: (event) => events.push(event),
    onStarted: () => {},
    stop: new AbortController().signal,
  })
  return { events, ended }
}

const end = { type: 'end', ok: false, stop: true, error: { cause: 'rate-limit', message: 'Too much.' } } as const

test('[AGT-5] an agent that would try again for minutes after its end is stopped, and that end counts', async () => {
  const { ended } = await run(`echo '${JSON.stringify(end)}'; exec sleep 600`)
  expect(ended).toEqual({
    end: { exitCode: null, signal: 'SIGTERM', sawEnd: end, stderrTail: '' },
    expired: null,
    stopped: false,
  })
})

test('[AGT-4] what an agent left in its files is asked for when it has ended, and told as later than its stream', async () => {
  const stream: AgentEvent[] = [
    { type: 'session', id: 's1' },
    { type: 'usage', usage: { toolCalls: 2 } },
    { type: 'end', ok: true },
  ]
  const usage: AgentEvent = { type: 'usage', usage: { toolCalls: 2, inputTokens: 5 } }
  const asked: SeenEvents[] = []
  const { events, ended } = await run(
    `cat <<'EOF'\n${stream.map((event) => JSON.stringify(event)).join('\n')}\nEOF`,
    async (seen) => {
      asked.push(seen)
      return [usage]
    },
  )
  expect(asked).toEqual([{ session: 's1', usage: { toolCalls: 2 }, end: { type: 'end', ok: true } }])
  expect(events).toEqual([...stream, usage])
  expect(ended.end).toMatchObject({ exitCode: 0, sawEnd: { ok: true } })
})
