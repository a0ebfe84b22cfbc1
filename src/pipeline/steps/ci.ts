import type { JobResult } from '../../contract/job.ts'
import { acceptable, failing, forgive, namesOf, rerunnable } from '../charged-checks.ts'
import { evidenceKey, evidenceText, headsKey, verdictOf, verdictOfAll } from '../checks-verdict.ts'
import type { LegChecks, RunEvent, RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import type { Instant } from '../model.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import type { AcceptedCheck, LegHead } from '../outputs.ts'
import { openLegs } from '../state.ts'
import { defineStep, type Outcome } from '../step-kind.ts'
import {
  CiConfig,
  type CiContext,
  CiData,
  type CiEvidence,
  type CiIn,
  type CiMemory,
  memoryOf,
  NO_MEMORY,
  RERUNS_MAX,
} from './ci-data.ts'

export { DEFAULT_ATTEMPTS } from './ci-data.ts'

/** How long after a re-run GitHub may still show the old end of its jobs, in ms. */
const SETTLE_MS = 10_000
const MINUTE_MS = 60_000

/** Watches the checks of every head; sends a fixer when they are red (GATE-1 to 5). Asks GitHub first, always. */
export const ciStep = defineStep<CiConfig, CiData>({
  kind: 'ci',
  summary: 'Watches the checks of every pull request; a fixer works when they turn red.',
  config: CiConfig,
  data: CiData,
  initial: () => ({ phase: 'idle', ...NO_MEMORY }),
  enter: (context) => openOrAsk(context, memoryOf(context.data)),
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'asking':
        if (event.type === 'checks.changed') return hinted(context, data)
        if (event.type !== 'checks.reported' || event.effect !== data.effect) return null
        return data.again || headsKey(event.legs) !== headsKey(openHeads(context))
          ? ask(context, memoryOf(data), context.run.settings.debounceMs)
          : judge(context, event.legs)
      case 'watching':
        return isHint(event, context) ? ask(context, memoryOf(data), context.run.settings.debounceMs) : null
      case 'rerunning':
        return rerun(context, data, event)
      case 'fixing':
        return event.type === 'job.finished' ? fixed(context, data, event.result) : null
      case 'opening':
        return event.type === 'pulls.opened' ? opened(context, data, event) : null
      case 'stuck':
        return unstick(context, data, event)
    }
  },
  describe: (_run, step, data) => {
    const fixes = data.fixes === 0 ? '' : `${data.fixes} ${data.fixes === 1 ? 'fix' : 'fixes'}`
    const all = (...parts: string[]) => parts.filter((part) => part !== '').join(', ')
    if (data.phase === 'watching') return all(data.why, fixes)
    if (data.phase === 'rerunning') return `red: ${data.failing.join(', ')}; runs again`
    if (data.phase === 'fixing') return `fixing ${data.failing.join(', ')}`
    if (data.phase === 'stuck') return data.base.length === 0 ? data.why : `${data.why}: ${data.failing.join(', ')}`
    if (step.output?.kind !== 'ci' || step.status.state !== 'done') return fixes
    const { checks, accepted } = step.output
    const red = accepted.length === 0 ? '' : `${accepted.length} red and accepted`
    return all(`${checks - accepted.length} green`, red, fixes)
  },
})

/** The heads whose checks count: what is merged is no longer the gate's. */
function openHeads({ run }: CiContext): LegHead[] {
  return openLegs(run).map(({ key, head }) => ({ leg: key, head }))
}

/** Asks GitHub, at once or (after a hint) when the burst is over. */
function ask(context: CiContext, kept: CiMemory, delayMs: number): Outcome<CiData> {
  const legs = openHeads(context)
  if (legs.length === 0) return pass(kept, [])
  const id = context.effectId('checks')
  return {
    data: { ...kept, phase: 'asking', effect: id, from: context.now + delayMs, again: false },
    effects: [{ kind: 'ask-checks', id, legs, delayMs }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function hinted(context: CiContext, data: CiIn<'asking'>): Outcome<CiData> | null {
  if (data.again || context.now < data.from || context.step.status.state !== 'active') return null
  return { data: { ...data, again: true }, next: { go: 'wait', wait: context.step.status.wait } }
}

function isHint(event: RunEvent, context: CiContext): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'checks.changed' || event.type === 'pull.changed'
}

function judge(context: CiContext, seen: LegChecks[]): Outcome<CiData> {
  const { run, now } = context
  const kept = remembered(context, seen)
  const legs = forgive(seen, kept.accepted)
  const begins = legs.flatMap((leg) => (verdictOf(leg) === 'quiet' ? [{ leg, until: quietUntil(context, kept, leg) }] : []))
  // Its checks are still to appear: nothing is judged before, so that a fixer sees all of it at once.
  const late = begins.filter(({ leg, until }) => kept.had.includes(leg.leg) && now < until)
  if (late.length > 0) return watch(context, kept, 'no check has appeared yet', Math.min(...late.map(({ until }) => until)))
  switch (verdictOfAll(legs)) {
    case 'green':
      return pass(kept, seen)
    case 'red':
      return red(context, kept, legs)
    case 'pending': {
      const pending = legs.flatMap((leg) => leg.checks).filter((check) => check.conclusion === 'pending').length
      const why = pending === 0 ? 'a required or expected check has not appeared yet' : `${pending} not finished`
      // What runs was seen: from now on its end is believed.
      return watch(context, { ...kept, settling: null }, why, now + run.settings.sweepMs)
    }
    case 'quiet': {
      const until = Math.max(...begins.map((each) => each.until))
      return now >= until ? pass(kept, seen) : watch(context, kept, 'no check has appeared yet', until)
    }
  }
}

/** Notes which legs have checks, and since when the heads without any are so. */
function remembered({ data, now }: CiContext, legs: readonly LegChecks[]): CiMemory {
  const kept = memoryOf(data)
  const bare = legs.flatMap(({ head, checks }) => {
    if (checks.length > 0) return []
    return [{ head, since: kept.bare.find((each) => each.head === head)?.since ?? now }]
  })
  const had = new Set([...kept.had, ...legs.filter(({ checks }) => checks.length > 0).map(({ leg }) => leg)])
  return { ...kept, bare, had: [...had] }
}

/** Until when a head without any check is not taken for green: longer where its repository is known to have some. */
function quietUntil({ run, config, now }: CiContext, kept: CiMemory, { leg, head }: LegChecks): Instant {
  const since = kept.bare.find((each) => each.head === head)?.since ?? now
  const grace = run.settings.noChecksGraceMs
  return since + (kept.had.includes(leg) ? Math.max(grace, config.graceMinutes * MINUTE_MS) : grace)
}

function watch(context: CiContext, kept: CiMemory, why: string, until: Instant): Outcome<CiData> {
  const at = Math.min(until, context.now + context.run.settings.sweepMs)
  return {
    data: { ...kept, phase: 'watching', why },
    timers: [{ name: 'sweep', at }],
    next: { go: 'wait', wait: { for: 'checks', until: at } },
  }
}

function pass(kept: CiMemory, legs: readonly LegChecks[]): Outcome<CiData> {
  const heads = legs.map(({ leg, head }) => ({ leg, head }))
  const checks = legs.reduce((sum, leg) => sum + leg.checks.length, 0)
  const now = acceptable(legs)
  const accepted = kept.accepted.filter(({ leg, head, name }) =>
    now.some((each) => each.leg === leg && each.head === head && each.name === name),
  )
  return {
    data: { ...kept, phase: 'idle', settling: null },
    legs: heads.map(({ leg, head }) => ({ leg, checkedSha: head })),
    next: { go: 'advance', output: { kind: 'ci', heads, fixes: kept.fixes, checks, accepted } },
  }
}

/** Flaky ones run again first; then a fixer, unless it had this evidence before or the attempts are used up. */
function red(context: CiContext, kept: CiMemory, legs: LegChecks[]): Outcome<CiData> {
  const { config, now } = context
  const { own, base } = failing(legs)
  if (own.length === 0) return askPerson(context, kept, base, 'already red on the base branch', acceptable(base))
  const key = evidenceKey(own)
  if (kept.settling !== null && kept.settling.key === key && now < kept.settling.until && showsOld(own, kept.settling.ends))
    return watch(context, kept, 'failing checks run again', kept.settling.until)
  if (kept.evidence.includes(key))
    return askPerson(context, kept, own, 'the same checks fail on the same commits as before the fix')
  const found: CiEvidence = { key, failing: namesOf(own), evidenceText: toldWith(own, base) }
  const again = rerunnable(own, kept.reruns, config.reruns)
  if (again.length > 0) {
    const id = context.effectId('rerun')
    const reruns = again.map(({ head }) => ({
      head,
      count: (kept.reruns.find((each) => each.head === head)?.count ?? 0) + 1,
    }))
    const others = kept.reruns.filter(({ head }) => !again.some((each) => each.head === head))
    return {
      data: {
        ...kept,
        ...found,
        phase: 'rerunning',
        effect: id,
        settling: { key, until: now, ends: endsOf(own) },
        // Also of heads that are not the newest: a late webhook may bring one back, and its runs stay used up.
        reruns: [...others, ...reruns].slice(-RERUNS_MAX),
      },
      effects: [{ kind: 'rerun-checks', id, legs: again }],
      note: `red: ${found.failing.join(', ')}; runs again, in case it is flaky${saidOfBase(base)}`,
      next: { go: 'wait', wait: { for: 'effect', effect: id } },
    }
  }
  return fixOrAsk(context, kept, found, saidOfBase(base))
}

/** A job that ran again has another address than before. */
function endsOf(legs: readonly LegChecks[]): string[] {
  return legs.flatMap(({ checks }) => checks.flatMap(({ url }) => (url === null ? [] : [url])))
}

/** Whether a failing check can still be the end from before the re-run. */
function showsOld(legs: readonly LegChecks[], ends: readonly string[]): boolean {
  return legs.some(({ checks }) => checks.some(({ url }) => url === null || ends.includes(url)))
}

/** What the fixer reads: its own failures in full, and the others by name, so that it leaves them alone. */
function toldWith(own: LegChecks[], base: LegChecks[]): string {
  const text = evidenceText(own)
  if (base.length === 0) return text
  const others = `Also red, and red on the base branch too; not this change's doing, leave it alone: ${namesOf(base).join(', ')}`
  return `${others.slice(0, 5_000)}\n\n${text}`.slice(0, 100_000)
}

function saidOfBase(base: LegChecks[]): string {
  return base.length === 0 ? '' : ` (already red on the base branch: ${namesOf(base).join(', ')})`
}

/** What became of the re-run: where nothing runs again, the fixer is next at once. */
function rerun(context: CiContext, data: CiIn<'rerunning'>, event: RunEvent): Outcome<CiData> | null {
  const kept = memoryOf(data)
  // That a job could not be started again is no reason to fail: it is only a chance given.
  if (event.type === 'effect.failed' && event.effect === data.effect) return fixOrAsk(context, kept, data, '')
  if (event.type !== 'checks.rerun' || event.effect !== data.effect) return null
  if (event.rerun === 0 || event.refused !== null) return fixOrAsk(context, kept, data, '')
  const settling = { key: data.key, until: context.now + SETTLE_MS, ends: data.settling?.ends ?? [] }
  return watch(context, { ...kept, settling }, 'failing checks run again', settling.until)
}

function fixOrAsk(context: CiContext, kept: CiMemory, found: CiEvidence, more: string): Outcome<CiData> {
  if (kept.fixes >= context.config.attempts + kept.granted)
    return stuck(context, kept, found, `still red after ${kept.fixes} fixes`, [])
  return fix(context, kept, found, more)
}

function fix(context: CiContext, kept: CiMemory, found: CiEvidence, more = ''): Outcome<CiData> {
  const { key, failing: names, evidenceText: evidence } = found
  const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'code', evidence })
  return {
    data: { ...kept, phase: 'fixing', fixes: kept.fixes + 1, settling: null, key, failing: names, evidenceText: evidence },
    effects,
    note: `red: ${names.join(', ')}; a fixer works on it${more}`,
    next: { go: 'wait', wait },
  }
}

function askPerson(
  context: CiContext,
  kept: CiMemory,
  legs: LegChecks[],
  why: string,
  base: AcceptedCheck[] = [],
): Outcome<CiData> {
  const found = { key: evidenceKey(legs), failing: namesOf(legs), evidenceText: evidenceText(legs) }
  return stuck(context, kept, found, why, base)
}

function stuck(
  context: CiContext,
  kept: CiMemory,
  { key, failing: names, evidenceText: text }: CiEvidence,
  why: string,
  base: AcceptedCheck[],
): Outcome<CiData> {
  const escalateAt = context.now + context.run.settings.escalateMs
  return {
    data: { ...kept, phase: 'stuck', why, base: base.slice(0, 1_000), key, failing: names, evidenceText: text },
    timers: [{ name: 'escalate', at: escalateAt }],
    note: `${why}: ${names.join(', ')}`,
    next: { go: 'wait', wait: { for: 'person', what: 'evidence', escalateAt, escalated: false } },
  }
}

/** A fixer that changed nothing is not the run's end: the gate asks again and sees the same evidence. */
function fixed(context: CiContext, data: CiIn<'fixing'>, result: JobResult): Outcome<CiData> {
  const outcome = jobOutcome(result)
  const kept = memoryOf(data)
  if (outcome.kind === 'failed' && outcome.failure.cause !== 'no-changes') {
    return { data: { ...kept, phase: 'idle' }, next: { go: 'fail', failure: outcome.failure } }
  }
  const evidence = [...kept.evidence.filter((key) => key !== data.key), data.key].slice(-100)
  return openOrAsk(context, { ...kept, evidence })
}

/** A fixer may have changed a repository that had no pull request yet, also one that failed afterwards. */
function openOrAsk(context: CiContext, kept: CiMemory): Outcome<CiData> {
  const opening = openMissingPulls(context)
  return opening === null ? ask(context, kept, 0) : { data: { ...kept, phase: 'opening' }, ...opening }
}

function opened(context: CiContext, data: CiData, event: RunEventOf<'pulls.opened'>): Outcome<CiData> {
  const failure = openingFailure(context.run, event)
  if (failure === null) return ask(context, memoryOf(data), 0)
  return { data: { ...memoryOf(data), phase: 'idle' }, next: { go: 'fail', failure } }
}

function unstick(context: CiContext, data: CiIn<'stuck'>, event: RunEvent): Outcome<CiData> | null {
  const kept = memoryOf(data)
  switch (event.type) {
    case 'command.extra-round':
      return fix(context, { ...kept, granted: kept.granted + 1 }, data)
    case 'command.proceed':
      // Only what is not the change's doing can be gone on with; GitHub is asked, and the rest must be green.
      if (data.base.length === 0) return null
      return {
        ...ask(context, { ...kept, accepted: [...kept.accepted, ...data.base].slice(-1_000) }, 0),
        note: `${event.actor.login} goes on with ${data.failing.join(', ')}`,
      }
    case 'command.retry':
    case 'checks.changed':
    case 'pull.changed':
      return ask(context, kept, event.type === 'command.retry' ? 0 : context.run.settings.debounceMs)
    default:
      return null
  }
}
