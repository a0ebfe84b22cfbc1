import { EvalFlags, type JSValueHandle } from 'quickjs-wasi'
import type { WorkflowCall } from './call.ts'
import { brokenBy, endOf, thrown } from './end.ts'
import { type Engine, type Machine, startMachine } from './engine.ts'
import { failureAt } from './failure-place.ts'
import { GuestError, GuestTurn } from './guest-turn.ts'
import { type Json, reviveSafe } from './json.ts'
import type { WorkflowLimits } from './limits.ts'
import { loadWorkflow, type Sources } from './nested.ts'
import type { Advance, Budget, LogLine, Progress, ScriptEnd, Settled } from './progress.ts'
import { readCall } from './read-call.ts'
import { fileOf } from './script-error.ts'

/** A script and what it runs with. */
export interface Script {
  name: string
  source: string
  args: Record<string, Json>
  limits: WorkflowLimits
  /** The sources that `workflow(name, args)` may start, by name. */
  workflows: Sources
  /** What the script sees as `budget` at first. */
  budget: Budget
}

/** An interpreter in this thread: a script that does not end holds the thread up. `openWorkflow` has one of its own. */
export interface LocalInterpreter {
  start(): Progress
  settle(results: readonly Settled[]): Progress
  dispose(): void
}

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
  let end: ScriptEnd | null = null
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

  function unhandled(): ScriptEnd | null {
    const [first] = rejections.values()
    if (first === undefined) return null
    return thrown(describe(machine, first.reason))
  }

  function stuck(calls: readonly WorkflowCall[]): ScriptEnd | null {
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
  return GuestTurn.parse(JSON.parse(text.toString(), reviveSafe))
}

function describe({ drive }: Machine, reason: JSValueHandle): GuestError {
  using text = drive('describe', reason)
  return GuestError.parse(JSON.parse(text.toString()))
}

/** Checks what the script asked for; the first call that is not as it must be ends the script. */
function addCalls(taken: GuestTurn, calls: WorkflowCall[]): ScriptEnd | null {
  for (const raw of taken.calls) {
    const read = readCall(raw)
    if (!read.ok) return { state: 'failed', failure: failureAt('script', read.problem, raw.stack) }
    calls.push(read.call)
  }
  return null
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
