import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JobGuard } from '../../src/contract/job-guard.ts'
import { type AgentEvent, TOOL_KINDS, type ToolKind } from '../agents/runtime.ts'
import { GUARD_START, type GuardState, guardStep } from './guard.ts'

const limits = JobGuard.parse({})

interface Call {
  kind: ToolKind
  ok: boolean
  call: string
}
const times = (count: number, call: Partial<Call>): Call[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'command', ok: true, call: `c${index}`, ...call }))
const events = (calls: readonly Call[]): AgentEvent[] =>
  calls.flatMap(({ kind, ok, call }, index): AgentEvent[] => [
    { type: 'tool-start', id: `${index}`, name: kind, kind, detail: '', call },
    { type: 'tool-end', id: `${index}`, ok, detail: '' },
  ])

/** After how many events the agent is stopped, and why; null where it is not. */
function stopped(given: readonly AgentEvent[], mode: 'explore' | 'code' = 'code') {
  let state: GuardState = GUARD_START
  for (const [index, event] of given.entries()) {
    const step = guardStep(state, event, limits, mode)
    state = step.state
    if (step.verdict !== null) return { after: index + 1, why: step.verdict.failure.message, ...step.verdict }
  }
  return null
}
const why = (calls: readonly Call[], mode?: 'explore' | 'code') => stopped(events(calls), mode)?.why ?? null

describe('guardStep', () => {
  test('[GRD-1] 40 tools without an edit; reads and searches are not counted', () => {
    expect(why(times(39, {}))).toBeNull()
    expect(why(times(40, {}))).toBe('The agent was stopped: it used 40 tools without editing a file.')
    expect(why([...times(60, { kind: 'read' }), ...times(60, { kind: 'search' })])).toBeNull()
    expect(why([...times(39, {}), ...times(1, { kind: 'edit' }), ...times(39, { kind: 'other' })])).toBeNull()
    expect(stopped(events(times(40, {})))).toMatchObject({ unseen: true, failure: { cause: 'no-progress' } })
  })

  test('[GRD-1] an edit that fails is none', () => {
    const failing = times(1, { kind: 'edit', ok: false })
    expect(why([...times(38, {}), ...failing])).toBeNull()
    expect(why([...times(38, {}), ...failing, ...times(1, {})])).toContain('without editing')
  })

  test('[GRD-1] who explores need not edit', () => {
    expect(why(times(150, {}), 'explore')).toBeNull()
  })

  test('[GRD-1] 12 failing calls in a row; a search without a find is none of them', () => {
    const failing = times(11, { ok: false, kind: 'other' })
    expect(why(failing)).toBeNull()
    expect(why([...failing, ...times(1, {}), ...failing])).toBeNull()
    expect(why([...failing, ...times(5, { ok: false, kind: 'search' })])).toBeNull()
    expect(why([...failing, ...times(5, { ok: false, kind: 'search' }), ...times(1, { ok: false, call: 'last' })])).toBe(
      'The agent was stopped: 12 of its tool calls failed in a row.',
    )
  })

  test('[GRD-1] 25 calls in a row that ask the web', () => {
    const asked = times(24, { kind: 'web' })
    expect(why(asked, 'explore')).toBeNull()
    expect(why([...asked, ...times(1, { kind: 'read' }), ...asked], 'explore')).toBeNull()
    expect(why([...asked, ...times(1, { kind: 'web' })], 'explore')).toBe(
      'The agent was stopped: it asked the web 25 times in a row.',
    )
  })

  test('[GRD-1] more than 200 turns, as told or as counted', () => {
    const usage = (turns: number): AgentEvent => ({ type: 'usage', usage: { turns } })
    expect(stopped([usage(200)])).toBeNull()
    expect(stopped([usage(201)])?.why).toBe('The agent was stopped: it took more than 200 turns.')
    expect(stopped(events(times(200, { kind: 'read' })))).toBeNull()
    expect(stopped(events(times(201, { kind: 'read' })))?.why).toContain('200 turns')
    // What begins together is one turn.
    const together = events(times(300, { kind: 'read' })).sort((one, other) => (one.type < other.type ? 1 : -1))
    expect(stopped(together)).toBeNull()
    // Where the runtime tells, nothing is counted beside it.
    expect(stopped([usage(1), ...events(times(300, { kind: 'read' }))])).toBeNull()
  })

  test('[GRD-3] the same failing command 5 times without an edit in between', () => {
    const same = times(4, { ok: false, call: 'test' })
    const others = times(2, {})
    expect(why([...same, ...others])).toBeNull()
    expect(why([...same, ...others, ...same.slice(0, 1)])).toContain('same command failed 5 times')
    expect(why([...same, ...times(1, { kind: 'edit' }), ...same])).toBeNull()
    expect(why(times(5, { kind: 'read', ok: false, call: 'test' }))).toBeNull()
  })

  test('[GRD-3] the same edit undone and redone 5 times', () => {
    const turn = [...times(1, { kind: 'edit', call: 'do' }), ...times(1, { kind: 'edit', call: 'undo' })]
    const turns = (count: number) => Array.from({ length: count }, () => turn).flat()
    expect(why(turns(5))).toBeNull()
    expect(why(turns(6))).toContain('undid and redid the same edit 5 times')
  })

  test('[GRD-1] [GRD-3] it stops at the same call as a plain reading of all calls so far says, for any calls', () => {
    const call = fc.record({
      kind: fc.constantFrom(...TOOL_KINDS),
      ok: fc.boolean(),
      call: fc.constantFrom('a', 'b', 'c', ...Array.from({ length: 30 }, (_, index) => `d${index}`)),
    })
    const biased = fc.oneof(fc.array(call), fc.array(call, { minLength: 60, maxLength: 250 }))
    fc.assert(
      fc.property(biased, fc.constantFrom('code', 'explore'), (calls, mode) => {
        const first = calls.findIndex((_, index) => over(calls.slice(0, index + 1), mode))
        const found = stopped(events(calls), mode)
        expect(found === null ? -1 : Math.ceil(found.after / 2) - 1).toBe(first)
      }),
    )
  })

  test('what it remembers is bounded, whatever comes', () => {
    const id = fc.string({ maxLength: 3 })
    const event: fc.Arbitrary<AgentEvent> = fc.oneof(
      fc.record({
        type: fc.constant('tool-start'),
        id,
        name: id,
        kind: fc.constantFrom(...TOOL_KINDS),
        detail: id,
        call: fc.string({ minLength: 1 }),
      }),
      fc.record({ type: fc.constant('tool-end'), id, ok: fc.boolean(), detail: id }),
      fc.record({ type: fc.constant('usage'), usage: fc.record({ turns: fc.nat() }, { requiredKeys: [] }) }),
      fc.record({ type: fc.constant('text'), text: id }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 2_000, size: 'max' }), (given) => {
        let state: GuardState = GUARD_START
        for (const one of given) state = guardStep(state, one, limits, 'code').state
        expect(state.open.size).toBeLessThanOrEqual(64)
        expect(Math.max(state.failed.size, state.edits.size)).toBeLessThanOrEqual(256)
        for (const count of [state.callsWithoutEdit, state.failing, state.web]) expect(count).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 30 },
    )
  })
})

test('[GRD-1] a setting can only loosen a guard, and not without end', () => {
  for (const [guard, least] of Object.entries(limits)) {
    expect(JobGuard.safeParse({ [guard]: least - 1 }).success, guard).toBe(false)
    expect(JobGuard.safeParse({ [guard]: least * 10 }).success, guard).toBe(true)
    expect(JobGuard.safeParse({ [guard]: least * 10 + 1 }).success, guard).toBe(false)
  }
})

/** The rules, read off all calls at once. */
function over(calls: readonly Call[], mode: 'explore' | 'code'): boolean {
  const from = (at: number) => calls.slice(at + 1)
  const edited = calls.findLastIndex(({ kind, ok }) => kind === 'edit' && ok)
  const quiet = (kind: ToolKind) => kind === 'read' || kind === 'search'
  const idle = from(edited).filter(({ kind }) => !quiet(kind)).length
  const failing = from(calls.findLastIndex(({ ok }) => ok)).filter(({ kind }) => kind !== 'search').length
  const web = from(calls.findLastIndex(({ kind }) => kind !== 'web')).length
  const most = (some: readonly Call[]) =>
    Math.max(0, ...some.map(({ call }) => some.filter((other) => other.call === call).length))
  const failed = most(from(edited).filter(({ kind, ok }) => !ok && !quiet(kind)))
  const made = most(calls.filter(({ kind, ok }) => kind === 'edit' && ok))
  const idled = mode === 'code' && idle >= limits.callsWithoutEdit
  return idled || failing >= 12 || web >= 25 || calls.length > 200 || failed >= 5 || made >= 6
}
