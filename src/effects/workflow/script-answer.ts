/** What advancing a script comes to, as the run's step is told. Pure. */
import type { EffectOf } from '../../pipeline/effects.ts'
import type { RunEventOf } from '../../pipeline/events.ts'
import type { Working } from '../../pipeline/steps/workflow-data.ts'
import {
  CALLS_AT_ONCE,
  type CallToStart,
  type Checkpoint,
  LABEL_MAX,
  LOG_LINES_MAX,
  PHASES_MAX,
  type PhaseCount,
  roleOfCall,
  type ScriptState,
} from '../../pipeline/workflow.ts'
import type { WorkflowCall } from '../../workflow/call.ts'
import type { Json } from '../../workflow/json.ts'
import type { LiveScript } from './live-script.ts'

/** What calls stand under that were made before any `phase()`. */
export const NO_PHASE = 'Calls'
/** Who does a collection: no agent. */
const COLLECTOR = 'collect'
const LINE_MAX_CHARS = 2_000
const TEXT_MAX_CHARS = 60_000

interface Input {
  effect: EffectOf<'advance-workflow'>
  data: Working
  script: LiveScript
  replayed: number | null
  atOnce: number | undefined
}

export function advancedEvent({
  effect,
  data,
  script,
  replayed,
  atOnce = CALLS_AT_ONCE,
}: Input): RunEventOf<'workflow.advanced'> {
  const asked = [...script.open.values()]
  const begun = new Set([...data.calls, ...data.settled].map(({ index }) => index))
  const waiting = asked.filter(({ index, kind }) => kind !== 'checkpoint' && !begun.has(index))
  const logged = replayed === null ? data.logged : script.logAtReplay
  return {
    type: 'workflow.advanced',
    effect: effect.id,
    start: nextCalls(waiting, data, atOnce),
    checkpoints: asked.flatMap(checkpointOf).slice(0, CALLS_AT_ONCE),
    phases: phasesOf(script),
    log: logLines(script, logged),
    logged: script.log.length,
    replayed,
    script: stateOf(script, waiting.length),
  }
}

/** The next calls by their number, as many as there are places; of those that write to the work branches one at a time. */
function nextCalls(waiting: readonly WorkflowCall[], { calls }: Working, atOnce: number): CallToStart[] {
  let writes = calls.some(({ mode, apart }) => mode === 'code' && !apart)
  const next: CallToStart[] = []
  for (const call of waiting) {
    if (next.length >= atOnce - calls.length) break
    const start = startOf(call)
    const here = start.mode === 'code' && !start.apart
    if (here && writes) continue
    writes ||= here
    next.push(start)
  }
  return next
}

function startOf(call: WorkflowCall): CallToStart {
  const { index, label, phase } = call
  const common = { index, label: label.slice(0, LABEL_MAX), phase: titleOf(phase) }
  if (call.kind !== 'agent') return { ...common, kind: 'collect', role: COLLECTOR, mode: 'code', apart: false }
  const { options } = call
  return { ...common, kind: 'agent', role: roleOfCall(options), mode: options.mode, apart: options.isolation === 'worktree' }
}

function checkpointOf(call: WorkflowCall): Checkpoint[] {
  if (call.kind !== 'checkpoint') return []
  return [{ index: call.index, question: call.prompt.slice(0, 5_000), options: call.options.choices ?? [] }]
}

function titleOf(phase: string | null): string {
  return (phase ?? NO_PHASE).slice(0, LABEL_MAX)
}

/** Counts by phase, in the order in which the phases began; what is beyond the last is counted with it. */
function phasesOf({ calls, open, failed }: LiveScript): PhaseCount[] {
  const phases = new Map<string, PhaseCount>()
  let last = NO_PHASE
  for (const { call } of calls) {
    const wanted = titleOf(call.phase)
    const title = phases.has(wanted) || phases.size < PHASES_MAX ? wanted : last
    const known = phases.get(title) ?? { title, asked: 0, done: 0, failed: 0 }
    phases.set(title, known)
    known.asked += 1
    if (failed.has(call.index)) known.failed += 1
    else if (!open.has(call.index)) known.done += 1
    last = title
  }
  return [...phases.values()]
}

/** What the script has written since; of very much the end. */
function logLines({ log }: LiveScript, from: number): string[] {
  const fresh = log.slice(from).map(({ phase, message }) => (phase === null ? message : `${phase}: ${message}`))
  const shown = fresh.slice(-LOG_LINES_MAX)
  const more = fresh.length - shown.length
  const lines = more === 0 ? shown : [`${more + 1} lines of the log are left out here`, ...shown.slice(1)]
  return lines.map((line) => line.slice(0, LINE_MAX_CHARS))
}

function stateOf({ end }: LiveScript, open: number): ScriptState {
  if (end === null) return { state: 'waiting', open }
  if (end.state === 'done') return { state: 'done', ...textOf(end.result) }
  const { kind, message, file, line, column } = end.failure
  const place = [file, line, column].filter((part) => part !== null).join(':')
  const said = place === '' ? message : `${place}: ${message}`
  return { state: 'failed', failure: { cause: kind === 'engine' ? 'internal' : 'config', message: said.slice(0, 2_000) } }
}

/** The script's result for people: a text, an object with `markdown` (and `title`), or anything else as JSON. */
function textOf(result: Json): { title: string | null; text: string } {
  if (typeof result === 'string') return { title: null, text: clipped(result) }
  if (result !== null && typeof result === 'object' && !Array.isArray(result) && typeof result.markdown === 'string') {
    const title = typeof result.title === 'string' ? result.title.slice(0, 200) : null
    return { title, text: clipped(result.markdown) }
  }
  if (result === null) return { title: null, text: '' }
  const room = TEXT_MAX_CHARS - 20
  return { title: null, text: `\`\`\`json\n${JSON.stringify(result, null, 2).slice(0, room)}\n\`\`\`` }
}

function clipped(text: string): string {
  return text.slice(0, TEXT_MAX_CHARS).toWellFormed()
}
