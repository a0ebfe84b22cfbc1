import type { JobResult } from '../../contract/job.ts'
import { headsKey } from '../checks-verdict.ts'
import type { RunEvent, RunEventOf } from '../events.ts'
import { attempted, attemptsOf, awaitPerson, brokenOff, counted, NO_ATTEMPTS, stuckBy, together } from '../gate.ts'
import { askMergeabilityAt, QUICK_ASKS } from '../mergeability.ts'
import type { Run } from '../model.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import type { LegHead } from '../outputs.ts'
import { currentHeads, legOf, openLegs } from '../state.ts'
import { defineStep, type Outcome, type Refusal } from '../step-kind.ts'
import { ConflictsConfig, type ConflictsContext, ConflictsData } from './conflicts-data.ts'

/** Asks GitHub whether the pull requests merge; a resolver merges the base where one conflicts with it (GATE-6). */
export const conflictsStep = defineStep<ConflictsConfig, ConflictsData>({
  kind: 'conflicts',
  summary: 'Watches whether the pull requests can be merged; a resolver works where one conflicts with its base branch.',
  config: ConflictsConfig,
  data: ConflictsData,
  initial: () => ({ phase: 'idle', resolved: 0, left: null, ...NO_ATTEMPTS }),
  enter: openOrAsk,
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'asking':
        if (event.type === 'pull.changed') return hinted(context, data)
        if (event.type !== 'pulls.reported' || event.effect !== data.effect) return null
        return data.again ? ask(context, 0) : judge(context, event, data.asks)
      case 'watching':
        return isHint(event, context) ? ask(context, data.asks) : null
      case 'resolving':
        return event.type === 'job.finished' ? worked(context, data, event.result) : null
      case 'opening':
        return event.type === 'pulls.opened' ? opened(context, event) : null
      case 'stuck':
        return unstick(context, data, event)
    }
  },
  unneeded: (run) => (openLegs(run).length === 0 ? 'no pull request is open' : null),
  describe: (run, step, data) => {
    const resolved = counted(data.resolved, 'conflict was resolved', 'conflicts were resolved')
    switch (data.phase) {
      case 'watching':
        return together('GitHub has not decided yet whether it can merge', resolved)
      case 'resolving':
        return `resolving ${named(run, data.dirty)}`
      case 'opening':
        return 'opening pull requests'
      case 'stuck':
        return data.why
      case 'asking':
        return resolved
      case 'idle':
        return step.status.state === 'done' && resolved === '' ? 'none' : resolved
    }
  },
})

function memoryOf(data: ConflictsData) {
  return { ...attemptsOf(data), resolved: data.resolved, left: data.left }
}

function named(run: Run, heads: readonly LegHead[]): string {
  return heads.map(({ leg }) => `${legOf(run, leg).repository} with ${legOf(run, leg).baseBranch}`).join(', ')
}

/** A resolver may have changed a repository that had no pull request yet, also one that failed afterwards. */
function openOrAsk(context: ConflictsContext): Outcome<ConflictsData> {
  const opening = openMissingPulls(context)
  return opening === null ? ask(context, 0) : { data: { ...memoryOf(context.data), phase: 'opening' }, ...opening }
}

function opened(context: ConflictsContext, event: RunEventOf<'pulls.opened'>): Outcome<ConflictsData> {
  const failure = openingFailure(context.run, event)
  if (failure === null) return openOrAsk(context)
  return { data: { ...memoryOf(context.data), phase: 'idle' }, next: { go: 'fail', failure } }
}

function ask(context: ConflictsContext, asks: number): Outcome<ConflictsData> {
  const legs = openLegs(context.run).map(({ key }) => key)
  if (legs.length === 0) return pass(context)
  const id = context.effectId('pulls')
  return {
    data: { ...memoryOf(context.data), phase: 'asking', effect: id, asks, again: false },
    effects: [{ kind: 'ask-pulls', id, legs, ready: false }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function hinted(context: ConflictsContext, data: Extract<ConflictsData, { phase: 'asking' }>): Outcome<ConflictsData> | null {
  if (data.again || context.step.status.state !== 'active') return null
  return { data: { ...data, again: true }, next: { go: 'wait', wait: context.step.status.wait } }
}

function isHint(event: RunEvent, context: ConflictsContext): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'pull.changed'
}

/** The answers were folded into the legs already. A resolver sees all conflicts at once, unless one stays undecided. */
function judge(context: ConflictsContext, event: RunEventOf<'pulls.reported'>, asks: number): Outcome<ConflictsData> {
  const open = openLegs(context.run)
  const stateOf = (key: string) => event.pulls.find(({ leg }) => leg === key)?.mergeable ?? 'unknown'
  const bad = open.filter(({ key }) => stateOf(key) === 'dirty').map(({ key, head }) => ({ leg: key, head }))
  const undecided = open.some(({ key }) => stateOf(key) === 'unknown')
  if (undecided && (bad.length === 0 || asks < QUICK_ASKS)) return watch(context, asks)
  return bad.length === 0 ? pass(context) : conflict(context, bad)
}

function watch(context: ConflictsContext, asks: number): Outcome<ConflictsData> {
  const until = askMergeabilityAt(context.now, asks, context.run.settings.sweepMs)
  return {
    data: { ...memoryOf(context.data), phase: 'watching', asks: asks + 1 },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'mergeability', until } },
  }
}

function pass({ run, data }: ConflictsContext): Outcome<ConflictsData> {
  return {
    data: { ...memoryOf(data), phase: 'idle', left: null },
    next: { go: 'advance', output: { kind: 'conflicts', heads: currentHeads(run), resolved: data.resolved } },
  }
}

function conflict(context: ConflictsContext, bad: LegHead[]): Outcome<ConflictsData> {
  const { data, config, run } = context
  const kept = memoryOf(data)
  const what = stuckBy(kept, headsKey(bad), config.attempts)
  if (what === null) return resolve(context, kept, bad)
  const conflicts = `${named(run, bad)} ${bad.length === 1 ? 'conflicts' : 'conflict'}`
  const because =
    what === 'evidence' ? 'and the resolver left it so' : `after ${counted(kept.fixes, 'attempt') || 'no attempt'}`
  const why = together(conflicts, data.left === null ? because : `${because}: ${data.left.slice(0, 500)}`)
  return { data: { ...kept, phase: 'stuck', why, dirty: bad }, note: why, ...awaitPerson(context, what) }
}

function resolve(context: ConflictsContext, kept: ReturnType<typeof memoryOf>, bad: LegHead[]): Outcome<ConflictsData> {
  const { run, config } = context
  const evidence = bad.map(({ leg, head }) => {
    const { repository, workBranch, baseBranch } = legOf(run, leg)
    return `${repository}: the work branch \`${workBranch}\` at ${head} conflicts with its base branch \`${baseBranch}\`.`
  })
  if (kept.left !== null) evidence.push(`The attempt before this one was not taken: ${kept.left}`)
  const { effects, wait } = context.dispatch({
    role: config.role,
    mode: 'code',
    mergesBase: true,
    evidence: evidence.join('\n'),
  })
  return {
    data: { ...kept, phase: 'resolving', dirty: bad },
    effects,
    note: `conflicts: ${named(run, bad)}; a resolver works on it`,
    next: { go: 'wait', wait },
  }
}

/** Conflicts that are left, and nothing changed at all, are an attempt in vain and not the run's end: GitHub is asked again. */
function worked(
  context: ConflictsContext,
  data: Extract<ConflictsData, { phase: 'resolving' }>,
  result: JobResult,
): Outcome<ConflictsData> {
  const failure = brokenOff(result, ['no-changes', 'conflict'])
  if (failure !== null) return { data: { ...memoryOf(data), phase: 'idle' }, next: { go: 'fail', failure } }
  const moved = data.dirty.some(({ leg, head }) => legOf(context.run, leg).head !== head)
  const left = result.status === 'failed' ? [result.failure.message, result.failure.detail ?? ''].join('\n').trim() : null
  return openOrAsk({
    ...context,
    data: {
      ...attempted(data, headsKey(data.dirty)),
      phase: 'idle',
      resolved: data.resolved + (moved ? 1 : 0),
      left: left?.slice(0, 20_000) ?? null,
    },
  })
}

function unstick(
  context: ConflictsContext,
  data: Extract<ConflictsData, { phase: 'stuck' }>,
  event: RunEvent,
): Outcome<ConflictsData> | Refusal | null {
  const { prefix } = context.run.settings
  switch (event.type) {
    case 'command.extra-round':
      return resolve(context, { ...memoryOf(data), granted: data.granted + 1 }, data.dirty)
    case 'command.proceed':
      return {
        refused: `A pull request that conflicts with its base branch cannot be merged. Push a merge to the work branch, or say \`${prefix} extra-round\`.`,
      }
    case 'command.retry':
    case 'pull.changed':
      return ask(context, 0)
    default:
      return null
  }
}
