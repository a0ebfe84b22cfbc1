/** Leads a run through its pipeline by hand: every event goes through the auditor, so every unit test checks the invariants too. */
import type { JobId } from '../../../src/contract/ids.ts'
import type { JobResult } from '../../../src/contract/job.ts'
import { decide } from '../../../src/pipeline/decide.ts'
import type { Effect, EffectOf } from '../../../src/pipeline/effects.ts'
import type { CheckSeen, RunEvent } from '../../../src/pipeline/events.ts'
import type { Leg, Run, Step, Wait } from '../../../src/pipeline/model.ts'
import { currentWait, openLegs } from '../../../src/pipeline/state.ts'
import type { Decision } from '../../../src/pipeline/turn.ts'
import { createAuditor } from './audit.ts'
import { ALICE, API, aRun, comment, type RunOptions, START, sha, WEB } from './build.ts'
import { aCheck, aPull, checksOf, graded, mergedPull, planned, pullSeen, pushed, worked } from './results.ts'

type Body<T extends RunEvent['type']> = Omit<Extract<RunEvent, { type: T }>, 'type' | 'actor' | 'trigger'>

/** A run being driven. */
export interface Drive {
  readonly run: Run
  readonly last: Decision
  now: number
  send(event: RunEvent): Decision
  /** A command by alice; gives the answer effect. */
  say<T extends Extract<RunEvent, { actor: unknown }>['type']>(type: T, body: Body<T>): EffectOf<'answer'>
  step(id: string): Step
  leg(key: string): Leg
  wait(): Wait | null
  /** The job that is waited for. */
  job(): JobId
  finish(result: JobResult): Decision
  /** The last effect of this kind that any decision asked for. */
  effect<K extends Effect['kind']>(kind: K): EffectOf<K>
  all: Effect[]
}

export function drive(options: RunOptions | Run = {}): Drive {
  let run = 'status' in options ? options : aRun(options)
  let last: Decision = { run, effects: [], timers: [], facts: [] }
  const auditor = createAuditor(run, { thorough: true })
  let comments = 0
  const self: Drive = {
    get run() {
      return run
    },
    get last() {
      return last
    },
    now: START,
    all: [],
    send(event) {
      self.now += 1_000
      last = decide(run, event, self.now)
      auditor.check(run, event, last, self.now)
      run = last.run
      self.all.push(...last.effects)
      return last
    },
    say(type, body) {
      comments += 1
      self.send({ type, actor: ALICE, trigger: comment(comments), ...body } as unknown as RunEvent)
      return self.effect('answer')
    },
    step: (id) => found(run.steps.find((step) => step.id === id)),
    leg: (key) => found(run.legs.find((leg) => leg.key === key)),
    wait: () => currentWait(run),
    job() {
      const wait = currentWait(run)
      if (wait?.for !== 'job') throw new Error(`the run waits for ${JSON.stringify(wait)}, not for a job`)
      return wait.job
    },
    finish: (result) => self.send({ type: 'job.finished', job: self.job(), result }),
    effect: <K extends Effect['kind']>(kind: K) =>
      found(self.all.findLast((effect): effect is EffectOf<K> => effect.kind === kind)),
  }
  return self
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there')
  return value
}

/** To the plan's approval. */
export function toApproval(drive: Drive): Drive {
  drive.send({ type: 'run.admitted' })
  drive.finish(planned())
  return drive
}

/** To the coder's job. */
export function toCode(drive: Drive): Drive {
  toApproval(drive)
  const { output } = drive.step('plan')
  drive.say('command.approve', { hash: output?.kind === 'plan' ? output.hash : null, text: null })
  return drive
}

/** The coder pushes web and api; their pull requests are 1 and 2. */
export function pushBoth(drive: Drive, name = 'one'): Drive {
  drive.finish(worked([WEB, API].map((key) => pushed(drive.leg(key), sha(`${key} ${name}`)))))
  return drive
}

/** Answers the question for pull requests that was asked last; most tests care nothing for drafts. */
export function openPulls(drive: Drive, draft = false): Drive {
  const { id, legs } = drive.effect('open-pulls')
  const opened = legs.map((leg) => ({
    leg,
    pull: aPull(leg === WEB ? 1 : 2, { draft }),
    head: drive.leg(leg).head ?? sha(leg),
  }))
  drive.send({ type: 'pulls.opened', effect: id, opened, failed: [] })
  return drive
}

/** To the companion's first grading. */
export function toReview(drive: Drive): Drive {
  return openPulls(pushBoth(toCode(drive)))
}

/** To the first question for checks. */
export function toCi(drive: Drive): Drive {
  toReview(drive)
  drive.finish(graded(1))
  return drive
}

/** Answers the question for checks that was asked last: the same for every leg, or by leg. */
export function reportChecks(drive: Drive, checks: CheckSeen[] | Record<string, CheckSeen[]> = [aCheck()]): Drive {
  const { id, legs } = drive.effect('ask-checks')
  const of = (leg: string) => (Array.isArray(checks) ? checks : (checks[leg] ?? [aCheck()]))
  drive.send({ type: 'checks.reported', effect: id, legs: legs.map(({ leg, head }) => checksOf(leg, head, of(leg))) })
  return drive
}

/** To the merge: its first question with `merge.by: auto`, a person's word otherwise. */
export function toMerge(drive: Drive): Drive {
  return reportChecks(toCi(drive))
}

/** Answers the question before the merge: everything is mergeable and green. */
export function reportPulls(drive: Drive): Drive {
  const { id } = drive.effect('ask-pulls')
  const open = openLegs(drive.run)
  drive.send({
    type: 'pulls.reported',
    effect: id,
    pulls: open.map((leg) => pullSeen(leg)),
    checks: open.map(({ key, head }) => checksOf(key, head, [aCheck()])),
  })
  return drive
}

/** GitHub did the merge that was asked for last. */
export function mergeNow(drive: Drive): Drive {
  const { id, leg, head } = drive.effect('merge-pull')
  const number = drive.leg(leg).pull?.number ?? 0
  drive.send({ type: 'pull.merged', effect: id, leg, head, pull: mergedPull(number) })
  return drive
}
