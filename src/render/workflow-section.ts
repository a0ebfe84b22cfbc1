/** A dynamic workflow as people read it: how far each phase is, its calls folded under it, and what came of it. */
import type { LegKey } from '../contract/ids.ts'
import type { Leg, Run } from '../pipeline/model.ts'
import type { StepOutputOf } from '../pipeline/outputs.ts'
import { inlineCode } from './code-text.ts'
import { formatDuration } from './duration.ts'
import { count, formatUsd } from './money.ts'
import { safeBlock, safeLine } from './safe-text.ts'
import { LINE_MAX_CHARS, type Section, stacked, TEXT_MAX_CHARS } from './section.ts'

/** A call as it is listed. Times in ms since the epoch. */
export interface CallShown {
  kind: 'agent' | 'checkpoint' | 'collect'
  phase: string | null
  label: string
  state: 'asked' | 'done' | 'failed'
  why: string | null
  costUsd: number | null
  askedAt: number
  endedAt: number | null
}

/** Phases that have a part of their own; of more the newest. */
const PHASES_SHOWN = 12
/** Calls of a phase that are listed: those that came to nothing, then the newest. */
const CALLS_SHOWN = 25
/** Steps of a progress bar. */
const BAR_STEPS = 10

/** One folded part for each phase, in the order in which they began. */
export function workflowPhases(calls: readonly CallShown[]): Section[] {
  const phases = new Map<string, CallShown[]>()
  for (const call of calls) phases.set(call.phase ?? '', [...(phases.get(call.phase ?? '') ?? []), call])
  return [...phases].slice(-PHASES_SHOWN).map(([title, its]) => phaseSection(title, its))
}

function phaseSection(title: string, calls: readonly CallShown[]): Section {
  const done = calls.filter(({ state }) => state === 'done').length
  const failed = calls.filter(({ state }) => state === 'failed')
  const others = calls.filter(({ state }) => state !== 'failed')
  const listed = [...failed, ...others.toReversed()].slice(0, CALLS_SHOWN)
  const more = calls.length - listed.length
  const nothing = failed.length === 0 ? '' : `, ${failed.length} came to nothing`
  const name = title === '' ? 'Calls' : safeLine(title, LINE_MAX_CHARS)
  return {
    // The bar is for the eye; the words beside it say the same.
    summary: `${name}: ${done} of ${count(calls.length, 'call')} done${nothing} ${bar(done + failed.length, calls.length)}`,
    body: [...listed.map(callLine), ...(more > 0 ? [`- … and ${more} more`] : [])].join('\n'),
  }
}

/** A branch of a call's own with work that is nowhere else. */
export interface KeptShown {
  leg: LegKey
  branch: string
  label: string
}

/** Branches that are listed; of more their number is said. */
const KEPT_SHOWN = 30

/** What is left of calls when their run stands still or is over; while it works, it may still collect them. */
export function keptBranches(
  { status, legs }: { status: Run['status']; legs: readonly Pick<Leg, 'key' | 'repository'>[] },
  kept: readonly KeptShown[],
): Section[] {
  if (kept.length === 0 || status.state === 'active' || status.state === 'queued') return []
  const line = ({ leg, branch, label }: KeptShown) => {
    const repository = legs.find(({ key }) => key === leg)?.repository ?? leg
    return `- ${repository}: ${inlineCode(branch)}, of ${safeLine(label, LINE_MAX_CHARS)}`
  }
  const more = kept.length - KEPT_SHOWN
  const lines = [...kept.slice(0, KEPT_SHOWN).map(line), ...(more > 0 ? [`- … and ${more} more`] : [])]
  const summary = kept.length === 1 ? 'Not collected: 1 branch of a call' : `Not collected: ${kept.length} branches of calls`
  return [{ summary, body: lines.join('\n') }]
}

/** `▓▓▓▓░░░░`, as long for every phase. */
function bar(over: number, all: number): string {
  const filled = all === 0 ? 0 : Math.floor((over / all) * BAR_STEPS)
  return `${'▓'.repeat(filled)}${'░'.repeat(BAR_STEPS - filled)}`
}

function callLine({ kind, label, state, why, costUsd, askedAt, endedAt }: CallShown): string {
  const time = endedAt === null ? '' : formatDuration(endedAt - askedAt)
  const spent = [time, costUsd === null ? '' : formatUsd(costUsd)].filter((part) => part !== '').join(' · ')
  const name = safeLine(label, LINE_MAX_CHARS)
  switch (state) {
    case 'asked':
      return kind === 'checkpoint' ? `- ● asks: ${name}` : `- ● not done yet: ${name}`
    case 'done':
      return `- ✓ done: ${name}${spent === '' ? '' : ` (${spent})`}`
    case 'failed':
      return `- ✗ came to nothing: ${name}${why === null ? '' : `: ${safeLine(why, LINE_MAX_CHARS)}`}`
  }
}

/** What the script gave back. */
export function workflowResult({ workflow, title, text }: StepOutputOf<'workflow'>): Section | null {
  if (text.trim() === '') return null
  const name = title === null ? `Result of ${workflow}` : safeLine(title, LINE_MAX_CHARS)
  return { summary: name, body: stacked([safeBlock(text, TEXT_MAX_CHARS)]) }
}
