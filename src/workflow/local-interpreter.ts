import { EvalFlags, JSException, type JSValueHandle } from 'quickjs-wasi'
import { checkArgumentValues } from './arguments.ts'
import type { WorkflowCall } from './call.ts'
import { type Engine, type Machine, StepsUsedUp, startMachine } from './engine.ts'
import { failureAt } from './failure-place.ts'
import { GuestError, type GuestLoad, GuestTurn } from './guest-turn.ts'
import { type Json, parseJson } from './json.ts'
import type { WorkflowLimits } from './limits.ts'
import { parseWorkflow } from './parse.ts'
import type { Advance, Budget, LogLine, Progress, Settled, WorkflowFailure } from './progress.ts'
import { readCall } from './read-call.ts'
import { fileOf } from './script-error.ts'

/** A script and what it runs with. */
export interface Script {
  name: string
  source: string
  args: Record<string, Json>
  limits: WorkflowLimits
  /** The sources that `workflow(name, args)` may start, by name. */
  workflows: Readonly<Record<string, string>>
  /** What the script sees as `budget` at first. */
  budget: Budget
}

/** An interpreter in this thread: a script that does not end holds the thread up. `openWorkflow` has one of its own. */
export interface LocalInterpreter {
  start(): Progress
  settle(results: readonly Settled[]): Progress
  dispose(): void
}

/** How the script stands for good. */
type End = { state: 'done'; result: Json } | { state: 'failed'; failure: WorkflowFailure }

/** Rejections that are remembered at most: the first is what is told. */
const REJECTIONS_MAX = 100

export async function openLocal(engine: Engine, script: Script): Promise<LocalInterpreter> {
  const { limits } = script
  const rejections = new Map<number, { promise: JSValueHandle; reason: JSValueHandle }>()
  const machine = await startMachine({
    engine,
    limits,
    setup: JSON.stringify({ limits, budget: script.budget }),
    onRejection(promise, reason, isHandled) {
      if (isHandled) rejections.delete(promise.identity)
      else if (rejections.size < REJECTIONS_MAX)
        rejections.set(promise.identity, { promise: promise.dup(), reason: reason.dup() })
    },
  })
  const waiting = new Map<number, WorkflowCall>()
  let phase: string | null = null
  let end: End | null = null
  let started = false

  /** Lets the script work until it waits again, and takes what it asked for. */
  function turn(act: () => void): Advance {
    const calls: WorkflowCall[] = []
    const log: LogLine[] = []
    if (end === null) {
      try {
        act()
        for (;;) {
          machine.vm.executePendingJobs()
          const taken = take(machine)
          log.push(...taken.log)
          phase = taken.phase
          end = endOf(taken) ?? addCalls(taken, calls)
          if (end !== null || taken.loads.length === 0) break
          for (const load of taken.loads) loadWorkflow(machine, load, script.workflows)
        }
        end ??= unhandled() ?? stuck(calls)
      } catch (error) {
        end = { state: 'failed', failure: brokenBy(error, limits) }
      }
    }
    if (end?.state === 'failed') return { calls: [], log, phase }
    for (const call of calls) waiting.set(call.index, call)
    return { calls, log, phase }
  }

  function unhandled(): End | null {
    const [first] = rejections.values()
    if (first === undefined) return null
    const { message, stack } = describe(machine, first.reason)
    return { state: 'failed', failure: failureAt('script', message, stack) }
  }

  function stuck(calls: readonly WorkflowCall[]): End | null {
    if (calls.length > 0 || waiting.size > 0) return null
    return { state: 'failed', failure: failureAt('script', 'The script waits for something that will never come.', '') }
  }

  function progress(advance: Advance): Progress {
    return end === null ? { ...advance, state: 'waiting' } : { ...advance, ...end }
  }

  function settleOne(settled: Settled): Advance {
    const call = waiting.get(settled.index)
    if (call === undefined) {
      if (end !== null) return { calls: [], log: [], phase }
      throw new Error(`The call ${settled.index} is not waited for.`)
    }
    const { told, why } = withinLimit(settled, limits)
    waiting.delete(settled.index)
    const advance = turn(() => {
      using text = machine.vm.newString(JSON.stringify(told))
      const isIsolated = call.kind === 'agent' && call.options.isolation !== undefined
      const flag = isIsolated ? machine.vm.true : machine.vm.false
      machine.drive('settle', text, flag).dispose()
    })
    if (told.result !== null) return advance
    const line = { phase: call.phase, message: `${call.label}: gave nothing${why === undefined ? '' : `: ${why}`}` }
    return { ...advance, log: [line, ...advance.log] }
  }

  return {
    start() {
      if (started) throw new Error('The workflow has been started.')
      started = true
      return progress(
        turn(() => {
          const module = machine.vm.evalCode(script.source, fileOf(script.name), EvalFlags.TYPE_MODULE)
          using args = machine.vm.newString(JSON.stringify(script.args))
          machine.drive('begin', module, args).dispose()
        }),
      )
    },
    settle(results) {
      const advances = results.map(settleOne)
      const calls = end?.state === 'failed' ? [] : advances.flatMap((advance) => advance.calls)
      const asked = new Set(results.map(({ index }) => index))
      return progress({
        calls: calls.filter((call) => !asked.has(call.index)),
        log: advances.flatMap((advance) => advance.log),
        phase,
      })
    },
    dispose() {
      end ??= { state: 'failed', failure: failureAt('engine', 'The workflow was closed.', '') }
      machine.vm.dispose()
    },
  }
}

function take({ drive }: Machine): GuestTurn {
  using text = drive('take')
  if (!text.isString) throw new Error('The kit gave no text.')
  return GuestTurn.parse(JSON.parse(text.toString()))
}

function describe({ drive }: Machine, reason: JSValueHandle): GuestError {
  using text = drive('describe', reason)
  return GuestError.parse(JSON.parse(text.toString()))
}

/** How the script ended, as its kit tells it. */
function endOf({ fatal, end }: GuestTurn): End | null {
  if (fatal !== null) return { state: 'failed', failure: failureAt(fatal.kind, fatal.message, fatal.stack) }
  if (end === null) return null
  if ('error' in end) return { state: 'failed', failure: failureAt('script', end.error.message, end.error.stack) }
  try {
    return { state: 'done', result: parseJson(end.result) }
  } catch (error) {
    return { state: 'failed', failure: failureAt('script', `The workflow's result is not taken: ${messageOf(error)}`, '') }
  }
}

/** Checks what the script asked for; the first call that is not as it must be ends the script. */
function addCalls(taken: GuestTurn, calls: WorkflowCall[]): End | null {
  for (const raw of taken.calls) {
    const read = readCall(raw)
    if (!read.ok) return { state: 'failed', failure: failureAt('script', read.problem, raw.stack) }
    calls.push(read.call)
  }
  return null
}

/** Starts the module that `workflow(name, args)` asked for, or tells the script why it cannot be. */
function loadWorkflow({ vm, drive }: Machine, load: GuestLoad, workflows: Script['workflows']): void {
  const found = findWorkflow(load, workflows)
  using id = vm.newNumber(load.id)
  using module = found.ok ? vm.evalCode(found.source, fileOf(load.name), EvalFlags.TYPE_MODULE) : vm.null
  using args = vm.newString(found.ok ? JSON.stringify(found.args) : '{}')
  using problem = found.ok ? vm.undefined : vm.newString(found.problem)
  drive('loaded', id, module, args, problem).dispose()
}

type Found = { ok: true; source: string; args: Record<string, Json> } | { ok: false; problem: string }

function findWorkflow({ name, args }: GuestLoad, workflows: Script['workflows']): Found {
  const source = Object.hasOwn(workflows, name) ? workflows[name] : undefined
  if (source === undefined) return { ok: false, problem: `workflow(): there is no workflow \`${name}\`.` }
  try {
    const given = parseJson(args)
    if (given === null || typeof given !== 'object' || Array.isArray(given)) {
      return { ok: false, problem: 'workflow() takes an object of arguments.' }
    }
    const checked = checkArgumentValues(parseWorkflow(source, name).meta, given)
    return checked.ok ? { ok: true, source, args: checked.args } : { ok: false, problem: checked.problems.join('; ') }
  } catch (error) {
    return { ok: false, problem: messageOf(error) }
  }
}

/** A result that is too large for the script is none. */
function withinLimit({ index, result, why, budget }: Settled, limits: WorkflowLimits) {
  const size = JSON.stringify(result).length
  const money = budget === undefined ? {} : { budget }
  if (size <= limits.resultChars) return { told: { index, result, ...money }, why }
  return {
    told: { index, result: null, ...money },
    why: `its result has ${size} characters as JSON, and ${limits.resultChars} at most are taken`,
  }
}

/** What threw through the interpreter: it is of no use afterwards. */
function brokenBy(error: unknown, limits: WorkflowLimits): WorkflowFailure {
  if (error instanceof StepsUsedUp) {
    return failureAt('limit', `The script used more than ${limits.steps} steps: does a loop not end?`, '')
  }
  if (error instanceof RangeError) return failureAt('limit', 'The script went deeper than the stack allows.', '')
  // QuickJS did not take the script, or had no memory left for the kit.
  if (error instanceof JSException)
    return failureAt('script', `${error.name}: ${error.message}`.slice(0, 2_000), error.stack ?? '')
  return failureAt('engine', `The script broke its interpreter: ${messageOf(error)}`.slice(0, 2_000), '')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
