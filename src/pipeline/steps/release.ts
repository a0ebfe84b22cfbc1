import type { JobResult } from '../../contract/job.ts'
import type { Regression } from '../../contract/report.ts'
import type { RunEvent, RunEventOf, Signal } from '../events.ts'
import { awaitPerson } from '../gate.ts'
import { jobOutcome } from '../job-outcome.ts'
import type { Run } from '../model.ts'
import { defineStep, type Outcome } from '../step-kind.ts'
import {
  MS_PER_MINUTE,
  MS_PER_SECOND,
  ReleaseConfig,
  type ReleaseContext,
  ReleaseData,
  type ReleaseMemory,
  SIGNAL_MAX_CHARS,
  SIGNALS_MAX,
} from './release-data.ts'

/** Watches what was merged; a regression starts an agent that explores, and then a person decides. It never reverts alone (GATE-8). */
export const releaseStep = defineStep<ReleaseConfig, ReleaseData>({
  kind: 'release',
  summary: 'Watches deployments, checks and an address after the merge; a regression is looked into and shown to a person.',
  config: ReleaseConfig,
  data: ReleaseData,
  initial: () => ({ phase: 'idle' }),
  enter: (context, why) => {
    const { data, now, step } = context
    if (step.output?.kind === 'release') return { data: { phase: 'idle' }, next: { go: 'advance', output: step.output } }
    if (data.phase === 'idle' || why === 'restart') return ask(context, { since: now, good: false, signals: [] })
    return data.phase === 'investigating' ? investigate(context, memoryOf(data)) : ask(context, memoryOf(data))
  },
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'asking':
        return event.type === 'release.reported' && event.effect === data.effect ? judge(context, memoryOf(data), event) : null
      case 'watching':
        return isHint(event, context) ? ask(context, memoryOf(data)) : null
      case 'investigating':
        return event.type === 'job.finished' ? investigated(context, memoryOf(data), event.result) : null
      case 'regressed':
        return answered(context, data, event)
    }
  },
  unneeded: (run, _step, { environment, checks, probe }) => {
    if (merged(run).length === 0) return 'nothing was merged'
    if (environment !== undefined || probe !== undefined || checks.length > 0) return null
    return 'neither an environment, checks nor an address to watch are configured'
  },
  describe: (_run, step, data) => {
    switch (data.phase) {
      case 'asking':
      case 'watching':
        return data.good ? 'good so far' : 'no sign yet'
      case 'investigating':
        return 'a regression; an agent looks into it'
      case 'regressed': {
        if (data.regression === null) return 'a regression; the agent on call could not say why'
        const { recommendation, confidence } = data.regression
        return `a regression; the agent on call says: ${recommendation} (confidence ${confidence})`
      }
      case 'idle': {
        if (step.output?.kind !== 'release' || step.status.state !== 'done') return ''
        return { healthy: 'healthy', 'no-data': 'no data came', regressed: 'a regression, left as it is' }[step.output.health]
      }
    }
  },
})

function memoryOf({ since, good, signals }: ReleaseMemory): ReleaseMemory {
  return { since, good, signals }
}

function merged(run: Run): Run['legs'] {
  return run.legs.filter(({ mergedSha }) => mergedSha !== null)
}

function ask(context: ReleaseContext, kept: ReleaseMemory): Outcome<ReleaseData> {
  const { config, run } = context
  const id = context.effectId('release')
  const legs = merged(run).map(({ key }) => key)
  if (legs.length === 0) return finish(kept, 'no-data', null)
  const { checks, environment = null, probe = null } = config
  return {
    data: { ...kept, phase: 'asking', effect: id },
    effects: [{ kind: 'ask-release', id, legs, checks, environment, probe }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function isHint(event: RunEvent, context: ReleaseContext): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'deployments.changed' || event.type === 'checks.changed'
}

function line({ source, name, state, detail }: Signal): string {
  return `${source} ${name}: ${state}${detail === '' ? '' : `, ${detail}`}`.slice(0, SIGNAL_MAX_CHARS).toWellFormed()
}

/** One bad sign is enough; good ones are remembered, so that a quiet end of the window does not hide them. */
function judge(
  context: ReleaseContext,
  kept: ReleaseMemory,
  { signals }: RunEventOf<'release.reported'>,
): Outcome<ReleaseData> {
  const { config, now } = context
  const newest = {
    since: kept.since,
    good: kept.good || signals.some(({ state }) => state === 'good'),
    signals: signals
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, SIGNALS_MAX)
      .map(line),
  }
  if (signals.some(({ state }) => state === 'bad')) return investigate(context, newest)
  const end = kept.since + config.windowMinutes * MS_PER_MINUTE
  if (now >= end) return finish(newest, newest.good ? 'healthy' : 'no-data', null)
  const until = Math.min(now + config.intervalSeconds * MS_PER_SECOND, end)
  return {
    data: { ...newest, phase: 'watching' },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'outside', what: 'release', until } },
  }
}

/** Bad ones first, so that a bound never cuts them off. */
function rank({ state }: Signal): number {
  return ['bad', 'pending', 'good'].indexOf(state)
}

function investigate(context: ReleaseContext, kept: ReleaseMemory): Outcome<ReleaseData> {
  const { run, config } = context
  const what = merged(run).map(
    ({ repository, pull, mergedSha }) => `${repository}: merged as ${pull?.mergeSha ?? mergedSha}, from ${mergedSha}`,
  )
  const evidence = ['After the merge something turned bad:', ...kept.signals, '', 'What was merged:', ...what].join('\n')
  const { effects, wait } = context.dispatch({ role: config.role, mode: 'explore', evidence })
  return {
    data: { ...kept, phase: 'investigating' },
    effects,
    note: `a regression: ${kept.signals[0] ?? 'no details'}`,
    next: { go: 'wait', wait },
  }
}

/** The alert does not depend on the agent: whatever became of its job, a person is asked. */
function investigated(context: ReleaseContext, kept: ReleaseMemory, result: JobResult): Outcome<ReleaseData> {
  const outcome = jobOutcome(result)
  const regression = outcome.kind === 'useful' ? (outcome.report.regression ?? null) : null
  const why = outcome.kind === 'failed' ? outcome.failure.message : 'it gave no assessment'
  const said =
    regression === null
      ? `the agent on call could not say: ${why}`
      : `the agent on call recommends: ${regression.recommendation} (confidence ${regression.confidence})`
  return { data: { ...kept, phase: 'regressed', regression }, note: said.slice(0, 500), ...awaitPerson(context, 'regression') }
}

function answered(
  context: ReleaseContext,
  data: Extract<ReleaseData, { phase: 'regressed' }>,
  event: RunEvent,
): Outcome<ReleaseData> | null {
  if (event.type === 'command.proceed') return finish(memoryOf(data), 'regressed', data.regression)
  // Somebody mended it outside: a new window begins.
  if (event.type === 'command.retry') return ask(context, { since: context.now, good: false, signals: [] })
  return null
}

function finish(
  { signals }: ReleaseMemory,
  health: 'healthy' | 'no-data' | 'regressed',
  regression: Regression | null,
): Outcome<ReleaseData> {
  const note = health === 'no-data' ? 'the window ended without a single good sign' : `the release is ${health}`
  return { data: { phase: 'idle' }, note, next: { go: 'advance', output: { kind: 'release', health, signals, regression } } }
}
