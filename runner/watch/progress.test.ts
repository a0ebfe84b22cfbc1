import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { JobProgress, LogLine } from '../../src/contract/progress.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import { createFakeClock } from '../../test/runner/fake-clock.ts'
import { startProgress, sum } from './progress.ts'

function watched() {
  const clock = createFakeClock()
  const redactor = createRedactor(['a-registered-secret'])
  const sent: { at: number; progress: JobProgress; log: LogLine[] }[] = []
  const answers: (() => Promise<void>)[] = []
  const sender = startProgress({
    clock,
    redactor,
    send: async (progress, log) => {
      const answer = answers.shift()
      if (answer !== undefined) await answer()
      sent.push({ at: clock.now(), progress, log })
    },
  })
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await setImmediate()
  }
  return { clock, sent, sender, answers, advance }
}

test('[JOB-3] progress flows at most once a second, with everything that was said in between', async () => {
  const { sent, sender, advance } = watched()
  await advance(0)
  for (let step = 0; step < 20; step += 1) {
    sender.log('text', `line ${step}`)
    await advance(200)
  }
  await advance(1_000)
  const times = sent.map(({ at }) => at)
  for (const [index, at] of times.entries()) if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000)
  expect(sent.flatMap(({ log }) => log.map(({ seq }) => seq))).toEqual([...Array(20).keys()])
})

test('[JOB-3] a heartbeat every 10 s when nothing happens', async () => {
  const { sent, advance } = watched()
  await advance(0)
  for (let second = 0; second < 35; second += 1) await advance(1_000)
  expect(sent.map(({ at }) => at)).toEqual([0, 10_000, 20_000, 30_000])
})

test('[JOB-3] phase, to-do counts, last tool, tokens and cost are told', async () => {
  const { sent, sender, advance } = watched()
  sender.phase('agent')
  sender.event({ type: 'todos', done: 1, total: 3 })
  sender.event({ type: 'tool-start', id: '1', name: 'Bash', kind: 'command', detail: 'echo a-registered-secret', call: 'c' })
  sender.event({ type: 'usage', usage: { inputTokens: 10, costUsd: 0.5 } })
  await advance(1_000)
  expect(sent.at(-1)?.progress).toEqual({
    phase: 'agent',
    todosDone: 1,
    todosTotal: 3,
    lastTool: 'Bash echo [redacted]',
    usage: { inputTokens: 10, costUsd: 0.5 },
  })
  expect(JSON.stringify(sent)).not.toContain('a-registered-secret')
})

test('lines that could not be sent go first the next time', async () => {
  const { sent, sender, answers, advance } = watched()
  answers.push(async () => {
    throw new Error('the app is away')
  })
  sender.log('text', 'first')
  await advance(0)
  sender.log('text', 'second')
  await advance(1_000)
  expect(sent.flatMap(({ log }) => log.map(({ text }) => text))).toEqual(['first', 'second'])
})

test('what an agent wrote at its very end is sent before the result is, in as many messages as it takes', async () => {
  const { sent, sender } = watched()
  for (let line = 0; line < 1_700; line += 1) sender.log('text', `line ${line}`)
  await sender.flush()
  expect(sent.map(({ log }) => log.length)).toEqual([500, 500, 500, 200])
  expect(sent.at(-1)?.log.at(-1)).toMatchObject({ seq: 1_699, text: 'line 1699' })
})

test('of more than can wait the oldest lines go, by their number and by their size; an app that is away is asked once', async () => {
  const { sent, sender, answers } = watched()
  answers.push(() => Promise.reject(new Error('the app is away')))
  for (let line = 0; line < 20_000; line += 1) sender.log('text', `line ${line}`)
  await sender.flush()
  expect(sent).toEqual([])
  await sender.flush()
  const first = sent.flatMap(({ log }) => log)
  expect([first.length, first[0]?.seq, first.at(-1)?.seq]).toEqual([5_000, 15_000, 19_999])
  const many = watched()
  for (let line = 0; line < 1_000; line += 1) many.sender.log('text', 'x'.repeat(10_000))
  await many.sender.flush()
  const lines = many.sent.flatMap(({ log }) => log)
  expect(lines.length).toBe(209)
  expect(new Set(lines.map(({ text }) => text.length))).toEqual(new Set([8_000]))
})

test('a secret across the place where a line is cut is taken out whole', async () => {
  const { sent, sender } = watched()
  sender.log('text', `${'x'.repeat(7_995)}a-registered-secret`)
  await sender.flush()
  expect(JSON.stringify(sent)).not.toContain('xa-reg')
})

test('what neither process knows stays unknown; what one knows is kept', () => {
  expect(sum({ inputTokens: 1 }, { inputTokens: 2, turns: 1 })).toEqual({ inputTokens: 3, turns: 1 })
  expect(sum({}, {})).toEqual({})
})
