/** What testers, validations and GitHub say at the gates, for the core's tests. */
import type { JobResult } from '../../../src/contract/job.ts'
import type { Report, Severity, TestReport } from '../../../src/contract/report.ts'
import type { DeploymentSeen, PullSeen, Signal } from '../../../src/pipeline/events.ts'
import type { StepConfig } from '../../../src/pipeline/model.ts'
import { openLegs } from '../../../src/pipeline/state.ts'
import { API, aStep, type RunOptions, sha, WEB } from './build.ts'
import { type Drive, drive, openPulls } from './drive.ts'
import { pullSeen, pushed, reported, worked } from './results.ts'

/** Coder, then this step: web and api are pushed, their pull requests are open, and the step is entered. */
export function toStep(kind: string, options: Record<string, unknown> = {}, more: RunOptions = {}): Drive {
  return toGate([aStep('agent', 'code'), aStep(kind, kind, options)], more)
}

/** The same with steps of one's own, the first of which codes, and with other repositories changed. */
export function toGate(steps: StepConfig[], more: RunOptions = {}, changed: string[] = [WEB, API]): Drive {
  const run = drive({ ...more, steps })
  run.send({ type: 'run.admitted' })
  run.finish(worked(changed.map((key) => pushed(run.leg(key), sha(`${key} one`)))))
  return openPulls(run)
}

/** A tester's report: one concern for each severity. */
export function testedWith(severities: Severity[] = [], change: Partial<TestReport> = {}): JobResult {
  const concerns = severities.map((severity) => ({ severity, text: `something ${severity}` }))
  const test = { greenlight: severities.length === 0, outcomes: [{ name: 'npm test', ok: true }], concerns, ...change }
  return reported({ test })
}

/** The configured commands ran: by name, whether each is green. */
export function validated(ends: Record<string, boolean>, output = 'the end of it'): JobResult {
  const checks: Report['checks'] = Object.entries(ends).map(([command, ok]) => ({ command, ok, output }))
  return reported({ checks })
}

/** GitHub says how the open pull requests would merge: by leg, `clean` for the others. */
export function sayMergeable(run: Drive, states: Record<string, PullSeen['mergeable']> = {}): Drive {
  const { id } = run.effect('ask-pulls')
  const pulls = openLegs(run.run).map((leg) => pullSeen(leg, states[leg.key] ?? 'clean'))
  run.send({ type: 'pulls.reported', effect: id, pulls, checks: [] })
  return run
}

/** Deployments answer the question that was asked last: this state for all, or by leg. */
export function sayDeployed(
  run: Drive,
  kind: 'create-deployments' | 'ask-deployments',
  state: DeploymentSeen['state'] | Record<string, DeploymentSeen['state']>,
  description = '',
): Drive {
  const effect = run.effect(kind)
  const legs = effect.kind === 'create-deployments' ? effect.legs : effect.deployments
  const deployments = legs.map(({ leg, head }, index) => ({
    leg,
    head,
    id: index + 1,
    environment: effect.environment,
    state: typeof state === 'string' ? state : (state[leg] ?? 'pending'),
    url: `https://${leg.replaceAll('_', '-')}.example.test`,
    description,
  }))
  run.send({ type: 'deployments.reported', effect: effect.id, deployments })
  return run
}

export function aSignal(state: Signal['state'], name = 'probe', detail = ''): Signal {
  return { source: 'probe', name, state, detail }
}

/** What was seen of the release. */
export function saySignals(run: Drive, signals: Signal[]): Drive {
  run.send({ type: 'release.reported', effect: run.effect('ask-release').id, signals })
  return run
}
