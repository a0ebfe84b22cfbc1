/**
 * Whether a busy agent gets anywhere (GRD-1, GRD-3): counts over its events, without a clock. What is remembered is bounded,
 * however many calls there are and however many of them never end.
 */
import type { Failure } from '../../src/contract/failure.ts'
import type { JobGuard } from '../../src/contract/job-guard.ts'
import type { AgentEvent, ToolKind } from '../agents/runtime.ts'

/** Calls that have begun and not ended; of more, the oldest are forgotten. */
const OPEN_MAX = 64
/** Different failing commands, and different edits, that are counted; of more, those last seen longest ago are forgotten. */
const REMEMBERED_MAX = 256

type ToolStart = Extract<AgentEvent, { type: 'tool-start' }>
type Counts = ReadonlyMap<string, number>

interface OpenCall {
  readonly kind: ToolKind
  readonly call: string
  readonly what: string
  /** What stood in `callsWithoutEdit` when this edit began: an edit that fails is none. */
  readonly before: number
}

export interface GuardState {
  readonly callsWithoutEdit: number
  readonly failing: number
  readonly web: number
  /** Turns as told; where the runtime does not tell, as counted. */
  readonly turns: number
  readonly turnsTold: boolean
  /** Whether the last event was the beginning of a call: those that begin together are of one turn. */
  readonly calling: boolean
  readonly open: ReadonlyMap<string, OpenCall>
  readonly failed: Counts
  readonly edits: Counts
}

/** Why the agent is to be stopped. `unseen`: it may have edited by a command, which only its files can tell. */
export interface GuardVerdict {
  readonly failure: Failure
  readonly unseen: boolean
}

export const GUARD_START: GuardState = {
  callsWithoutEdit: 0,
  failing: 0,
  web: 0,
  turns: 0,
  turnsTold: false,
  calling: false,
  open: new Map(),
  failed: new Map(),
  edits: new Map(),
}

/** The state after an event, and a verdict where the event passes a limit. */
export function guardStep(
  state: GuardState,
  event: AgentEvent,
  limits: JobGuard,
  mode: 'explore' | 'code',
): { readonly state: GuardState; readonly verdict: GuardVerdict | null } {
  const next = after(state, event)
  return { state: next, verdict: next === state ? null : verdictOf(next, event, limits, mode) }
}

/** The state once the agent's files show that it has edited something. */
export function withEdit(state: GuardState): GuardState {
  return { ...state, callsWithoutEdit: 0, failed: new Map() }
}

function after(state: GuardState, event: AgentEvent): GuardState {
  switch (event.type) {
    case 'tool-start':
      return begun(state, event)
    case 'tool-end':
      return ended({ ...state, calling: false }, event.id, event.ok)
    case 'usage': {
      const { turns } = event.usage
      return turns === undefined ? state : { ...state, turns, turnsTold: true }
    }
    case 'text':
      return state.calling ? { ...state, calling: false } : state
    case 'session':
    case 'todos':
    case 'end':
      return state
  }
}

function begun(state: GuardState, { id, kind, call, name, detail }: ToolStart): GuardState {
  const counted = kind !== 'read' && kind !== 'search'
  const open = limited(
    state.open,
    id,
    { kind, call, what: `${name} ${detail}`.trim(), before: state.callsWithoutEdit },
    OPEN_MAX,
  )
  return {
    ...state,
    open,
    callsWithoutEdit: kind === 'edit' ? 0 : state.callsWithoutEdit + (counted ? 1 : 0),
    web: kind === 'web' ? state.web + 1 : 0,
    turns: state.turnsTold || state.calling ? state.turns : state.turns + 1,
    calling: true,
  }
}

function ended(state: GuardState, id: string, ok: boolean): GuardState {
  const call = state.open.get(id)
  const open = new Map(state.open)
  open.delete(id)
  // A search that finds nothing fails, as grep does, and says nothing about how the work goes.
  const looks = call?.kind === 'search'
  const failing = ok ? 0 : state.failing + (looks ? 0 : 1)
  if (call === undefined) return { ...state, open, failing }
  if (call.kind === 'edit') {
    return ok
      ? { ...state, open, failing, failed: new Map(), edits: counted(state.edits, call.call) }
      : { ...state, open, failing, callsWithoutEdit: state.callsWithoutEdit + call.before + 1, failed: failedOnce(state, call) }
  }
  return { ...state, open, failing, failed: ok ? state.failed : failedOnce(state, call) }
}

function failedOnce(state: GuardState, { kind, call }: OpenCall): Counts {
  return kind === 'read' || kind === 'search' ? state.failed : counted(state.failed, call)
}

function counted(counts: Counts, key: string): Counts {
  return limited(counts, key, (counts.get(key) ?? 0) + 1, REMEMBERED_MAX)
}

/** The map with the entry as its newest, and without its oldest where it would have more than `most`. */
function limited<T>(map: ReadonlyMap<string, T>, key: string, value: T, most: number): ReadonlyMap<string, T> {
  const next = new Map(map)
  next.delete(key)
  next.set(key, value)
  const [oldest] = next.keys()
  if (next.size > most && oldest !== undefined) next.delete(oldest)
  return next
}

/** The first limit that is passed. */
function verdictOf(state: GuardState, event: AgentEvent, limits: JobGuard, mode: 'explore' | 'code'): GuardVerdict | null {
  if (event.type === 'tool-end') {
    if (state.failing >= limits.failingCalls) return stop(`${limits.failingCalls} of its tool calls failed in a row`)
    const failed = Math.max(0, ...state.failed.values())
    if (failed >= limits.repeats) return stop(`the same command failed ${failed} times without an edit in between`)
    // The first time an edit is made it is not made again.
    const redone = Math.max(0, ...state.edits.values()) - 1
    if (redone >= limits.repeats) return stop(`it undid and redid the same edit ${redone} times`)
  }
  if (state.web >= limits.webCalls) return stop(`it asked the web ${limits.webCalls} times in a row`)
  if (state.turns > limits.turns) return stop(`it took more than ${limits.turns} turns`)
  if (mode === 'code' && state.callsWithoutEdit >= limits.callsWithoutEdit)
    return { ...stop(`it used ${limits.callsWithoutEdit} tools without editing a file`), unseen: true }
  return null
}

function stop(what: string): GuardVerdict {
  return { failure: { cause: 'no-progress', message: `The agent was stopped: ${what}.` }, unseen: false }
}
