/** Whether the change set can merge at this moment, from what GitHub said of all its legs at once (CS-5). Pure. */
import { forgive } from './charged-checks.ts'
import { failed, verdictOfAll } from './checks-verdict.ts'
import type { PullSeen, RunEventOf } from './events.ts'
import type { Run, Step } from './model.ts'
import { makesCode } from './shape.ts'
import { type changedLegs, openLegs } from './state.ts'

type Changed = ReturnType<typeof changedLegs>[number]

/** Where a merge stands; what is not ready says why, for people. */
export type MergeVerdict =
  /** Every leg is mergeable and green. */
  | { kind: 'ready' }
  /** As `ready`, but for GitHub's own rules of the leg that is next. */
  | { kind: 'blocked'; why: string }
  | { kind: 'wait'; why: string }
  | { kind: 'red'; names: string[] }
  | { kind: 'dirty'; leg: Changed }
  | { kind: 'closed'; leg: Changed }

/**
 * The first step since the code was last written that has not seen a head as it is now: its companion, its gates, its
 * tests and its review speak of the commit they were given and of no other. Null where all have seen all.
 */
export function unseenBy(run: Run, step: Step): Step | null {
  const before = run.steps.slice(
    0,
    run.steps.findIndex(({ id }) => id === step.id),
  )
  const coder = before.findLastIndex(({ config, status }) => makesCode(config) && status.state === 'done')
  const since = before.map((each, index) => ({ each, producer: before[index - 1] })).slice(coder + 1)
  const open = openLegs(run)
  const found = since.find(
    ({ each, producer }) => each.status.state === 'done' && open.some((leg) => !hasSeen(each, producer, leg)),
  )
  return found?.each ?? null
}

function hasSeen({ kind, output }: Step, producer: Step | undefined, leg: Changed): boolean {
  switch (kind) {
    case 'companion':
      // The companion of a plan or a document says nothing of heads.
      return producer === undefined || !makesCode(producer.config) || leg.reviewedSha === leg.head
    case 'ci':
      return leg.checkedSha === leg.head
    case 'test':
    case 'validate':
    case 'review': {
      const heads = output !== null && 'heads' in output ? output.heads : []
      return heads.some((seen) => seen.leg === leg.key && seen.head === leg.head)
    }
    default:
      return true
  }
}

/** The newest step of this kind that is done. */
export function doneStep(run: Run, kind: string): Step | null {
  return run.steps.findLast((step) => step.kind === kind && step.status.state === 'done') ?? null
}

/** Judges the answer to one question for all legs; `open` are those still to merge, in their order. */
export function mergeVerdict(run: Run, open: readonly Changed[], event: RunEventOf<'pulls.reported'>): MergeVerdict {
  const seen = open.map((leg) => ({ leg, seen: event.pulls.find((pull) => pull.leg === leg.key) }))
  const closed = seen.find((pair) => pair.seen?.pull.state === 'closed')
  if (closed !== undefined) return { kind: 'closed', leg: closed.leg }
  const dirty = seen.find((pair) => pair.seen?.mergeable === 'dirty')
  if (dirty !== undefined) return { kind: 'dirty', leg: dirty.leg }

  const gate = doneStep(run, 'ci')
  if (gate !== null) {
    const accepted = gate.output?.kind === 'ci' ? gate.output.accepted : []
    const checks = forgive(
      event.checks.filter(({ leg }) => open.some(({ key }) => key === leg)),
      accepted,
    )
    // An answer that lacks a leg, or speaks of another head of it, is no answer.
    const complete = open.every((leg) => checks.some((each) => each.leg === leg.key && each.head === leg.head))
    const verdict = complete ? verdictOfAll(checks) : 'pending'
    if (verdict === 'red')
      return { kind: 'red', names: checks.flatMap((leg) => leg.checks.filter(failed).map(({ name }) => name)) }
    if (verdict === 'pending') return { kind: 'wait', why: 'checks are not finished' }
  }
  const [undecided, ...more] = seen.filter((pair) => pair.seen === undefined || !mergeable(pair.seen))
  if (undecided === undefined) return { kind: 'ready' }
  const why = reason(undecided.leg.repository, undecided.leg.baseBranch, undecided.seen)
  const next = more.length === 0 && undecided.leg.key === open[0]?.key && undecided.seen?.mergeable === 'blocked'
  return { kind: next ? 'blocked' : 'wait', why }
}

function mergeable({ mergeable: state }: PullSeen): boolean {
  return state === 'clean' || state === 'unstable' || state === 'has_hooks'
}

function reason(repository: string, base: string, seen: PullSeen | undefined): string {
  switch (seen?.mergeable) {
    case 'blocked':
      return `${repository}: GitHub's rules for ${base} are not met yet (reviews or required checks)`
    case 'behind':
      return `${repository}: the branch must be brought up to date with ${base} first`
    case 'draft':
      return `${repository}: the pull request is still a draft`
    default:
      return `${repository}: GitHub has not decided yet whether it can merge`
  }
}
