import { z } from 'zod'
import type { JobResult } from '../../contract/job.ts'
import { evidenceKey, evidenceText, failed, headsKey, verdictOfAll } from '../checks-verdict.ts'
import type { LegChecks, RunEvent, RunEventOf } from '../events.ts'
import { jobOutcome } from '../job-outcome.ts'
import { Instant, StepConfig } from '../model.ts'
import { openingFailure, openMissingPulls } from '../open-pulls.ts'
import type { LegHead } from '../outputs.ts'
import { openLegs } from '../state.ts'
import { defineStep, type Outcome, type StepContext } from '../step-kind.ts'

/** How many fixes a red change set gets before a person is asked. */
export const DEFAULT_ATTEMPTS = 10

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('ci'),
  role: z.string().default('fixer').describe('The role that mends what the checks found.'),
  attempts: z.int().min(0).max(50).default(DEFAULT_ATTEMPTS).describe('Fixes before a person is asked.'),
})
type Config = z.infer<typeof Config>

const memory = {
  fixes: z.int().nonnegative(),
  /** Extra fixes that a person granted. */
  granted: z.int().nonnegative(),
  /** Failing evidence that a fixer was sent for already. */
  evidence: z.array(z.string()).max(100),
  /** Since when these heads have been without any check. */
  quiet: z.object({ heads: z.string(), since: Instant }).nullable(),
}
const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle'), ...memory }),
  /** GitHub is asked at `from`, not before. `again`: a hint came after that, so the answer may be older than the hint. */
  z.object({ phase: z.literal('asking'), effect: z.string(), from: Instant, again: z.boolean(), ...memory }),
  z.object({ phase: z.literal('watching'), pending: z.int().nonnegative(), ...memory }),
  /** `key` names the evidence; it counts as seen when the fixer has worked on it, not when it was lost on the way. */
  z.object({ phase: z.literal('fixing'), key: z.string(), failing: z.array(z.string()).max(1_000), ...memory }),
  z.object({ phase: z.literal('opening'), ...memory }),
  z.object({
    phase: z.literal('stuck'),
    why: z.string(),
    key: z.string(),
    failing: z.array(z.string()).max(1_000),
    evidenceText: z.string(),
    ...memory,
  }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** Watches the checks of every head; sends a fixer when they are red (GATE-1, 2, 3). Asks GitHub first, always. */
export const ciStep = defineStep<Config, Data>({
  kind: 'ci',
  summary: 'Watches the checks of every pull request; a fixer works when they turn red.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle', fixes: 0, granted: 0, evidence: [], quiet: null }),
  enter: openOrAsk,
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'asking':
        if (event.type === 'checks.changed') return hinted(context, data)
        if (event.type !== 'checks.reported' || event.effect !== data.effect) return null
        return data.again || headsKey(event.legs) !== headsKey(openHeads(context))
          ? ask(context, context.run.settings.debounceMs)
          : judge(context, event.legs)
      case 'watching':
        return isHint(event, context) ? ask(context, context.run.settings.debounceMs) : null
      case 'fixing':
        return event.type === 'job.finished' ? fixed(context, data, event.result) : null
      case 'opening':
        return event.type === 'pulls.opened' ? opened(context, event) : null
      case 'stuck':
        return unstick(context, data, event)
    }
  },
  describe: (_run, step, data) => {
    const fixes = data.fixes === 0 ? '' : `${data.fixes} ${data.fixes === 1 ? 'fix' : 'fixes'}`
    if (data.phase === 'watching') {
      const missing = data.quiet === null ? 'a required or expected check has not appeared yet' : 'no check has appeared yet'
      return [data.pending === 0 ? missing : `${data.pending} not finished`, fixes].filter((part) => part !== '').join(', ')
    }
    if (data.phase === 'fixing') return `fixing ${data.failing.join(', ')}`
    if (data.phase === 'stuck') return data.why
    if (step.output?.kind === 'ci' && step.status.state === 'done')
      return [`${step.output.checks} green`, fixes].filter((part) => part !== '').join(', ')
    return fixes
  },
})

function memoryOf({ fixes, granted, evidence, quiet }: Data) {
  return { fixes, granted, evidence, quiet }
}

/** The heads whose checks count: what is merged is no longer the gate's. */
function openHeads({ run }: Context): LegHead[] {
  return openLegs(run).map(({ key, head }) => ({ leg: key, head }))
}

/** Asks GitHub, at once or (after a hint) when the burst is over. */
function ask(context: Context, delayMs: number): Outcome<Data> {
  const legs = openHeads(context)
  if (legs.length === 0) return pass(context, [], 0)
  const id = context.effectId('checks')
  return {
    data: { ...memoryOf(context.data), phase: 'asking', effect: id, from: context.now + delayMs, again: false },
    effects: [{ kind: 'ask-checks', id, legs, delayMs }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function hinted(context: Context, data: Extract<Data, { phase: 'asking' }>): Outcome<Data> | null {
  if (data.again || context.now < data.from || context.step.status.state !== 'active') return null
  return { data: { ...data, again: true }, next: { go: 'wait', wait: context.step.status.wait } }
}

function isHint(event: RunEvent, context: Context): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'checks.changed' || event.type === 'pull.changed'
}

function judge(context: Context, legs: LegChecks[]): Outcome<Data> {
  const { run, now, data } = context
  const checks = legs.reduce((sum, leg) => sum + leg.checks.length, 0)
  switch (verdictOfAll(legs)) {
    case 'green':
      return pass(context, legs, checks)
    case 'red':
      return red(context, legs)
    case 'pending': {
      const pending = legs.flatMap((leg) => leg.checks).filter((check) => check.conclusion === 'pending').length
      return watch(context, { ...memoryOf(data), quiet: null }, pending, now + run.settings.sweepMs)
    }
    case 'quiet': {
      const heads = headsKey(legs)
      const quiet = data.quiet?.heads === heads ? data.quiet : { heads, since: now }
      const until = quiet.since + run.settings.noChecksGraceMs
      return now >= until ? pass(context, legs, checks) : watch(context, { ...memoryOf(data), quiet }, 0, until)
    }
  }
}

function watch(context: Context, kept: ReturnType<typeof memoryOf>, pending: number, until: Instant): Outcome<Data> {
  const at = Math.min(until, context.now + context.run.settings.sweepMs)
  return {
    data: { ...kept, phase: 'watching', pending },
    timers: [{ name: 'sweep', at }],
    next: { go: 'wait', wait: { for: 'checks', until: at } },
  }
}

function pass(context: Context, legs: LegChecks[], checks: number): Outcome<Data> {
  const heads = legs.map(({ leg, head }) => ({ leg, head }))
  return {
    data: { ...memoryOf(context.data), phase: 'idle', quiet: null },
    legs: heads.map(({ leg, head }) => ({ leg, checkedSha: head })),
    next: { go: 'advance', output: { kind: 'ci', heads, fixes: context.data.fixes, checks } },
  }
}

function red(context: Context, legs: LegChecks[]): Outcome<Data> {
  const { data, config } = context
  const key = evidenceKey(legs)
  const failing = legs.flatMap(({ leg, checks }) =>
    checks.filter(failed).map(({ name }) => `${name} in ${leg.replace('__', '/')}`),
  )
  if (data.evidence.includes(key))
    return askPerson(context, 'the same checks fail on the same commits as before the fix', failing, legs)
  if (data.fixes >= config.attempts + data.granted)
    return askPerson(context, `still red after ${data.fixes} fixes`, failing, legs)
  return fix(context, memoryOf(data), { key, failing, evidenceText: evidenceText(legs) })
}

interface Evidence {
  key: string
  failing: string[]
  evidenceText: string
}

function fix(context: Context, kept: ReturnType<typeof memoryOf>, { key, failing, evidenceText }: Evidence): Outcome<Data> {
  const { effects, wait } = context.dispatch({ role: context.config.role, mode: 'code', evidence: evidenceText })
  return {
    data: { ...kept, phase: 'fixing', fixes: kept.fixes + 1, quiet: null, key, failing },
    effects,
    note: `red: ${failing.join(', ')}; a fixer works on it`,
    next: { go: 'wait', wait },
  }
}

function askPerson(context: Context, why: string, failing: string[], legs: LegChecks[]): Outcome<Data> {
  const escalateAt = context.now + context.run.settings.escalateMs
  return {
    data: { ...memoryOf(context.data), phase: 'stuck', why, key: evidenceKey(legs), failing, evidenceText: evidenceText(legs) },
    timers: [{ name: 'escalate', at: escalateAt }],
    note: `${why}: ${failing.join(', ')}`,
    next: { go: 'wait', wait: { for: 'person', what: 'evidence', escalateAt, escalated: false } },
  }
}

/** A fixer that changed nothing is not the run's end: the gate asks again and sees the same evidence. */
function fixed(context: Context, data: Extract<Data, { phase: 'fixing' }>, result: JobResult): Outcome<Data> {
  const outcome = jobOutcome(result)
  if (outcome.kind === 'failed' && outcome.failure.cause !== 'no-changes') {
    return { data: { ...memoryOf(data), phase: 'idle' }, next: { go: 'fail', failure: outcome.failure } }
  }
  const evidence = [...data.evidence.filter((key) => key !== data.key), data.key].slice(-100)
  return openOrAsk({ ...context, data: { ...memoryOf(data), phase: 'idle', evidence } })
}

/** A fixer may have changed a repository that had no pull request yet, also one that failed afterwards. */
function openOrAsk(context: Context): Outcome<Data> {
  const opening = openMissingPulls(context)
  return opening === null ? ask(context, 0) : { data: { ...memoryOf(context.data), phase: 'opening' }, ...opening }
}

function opened(context: Context, event: RunEventOf<'pulls.opened'>): Outcome<Data> {
  const failure = openingFailure(context.run, event)
  if (failure === null) return ask(context, 0)
  return { data: { ...memoryOf(context.data), phase: 'idle' }, next: { go: 'fail', failure } }
}

function unstick(context: Context, data: Extract<Data, { phase: 'stuck' }>, event: RunEvent): Outcome<Data> | null {
  switch (event.type) {
    case 'command.extra-round':
      return fix(context, { ...memoryOf(data), granted: data.granted + 1 }, data)
    case 'command.retry':
    case 'checks.changed':
    case 'pull.changed':
      return ask(context, event.type === 'command.retry' ? 0 : context.run.settings.debounceMs)
    default:
      return null
  }
}
