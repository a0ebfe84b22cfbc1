/** The simulated GitHub: branches, checks that take their time, pull requests, merges. */
import type { HeadSha, LegKey } from '../../src/contract/ids.ts'
import type { LegChecks, PullSeen } from '../../src/pipeline/events.ts'
import type { PullRequest } from '../../src/pipeline/model.ts'
import { makesCode } from '../../src/pipeline/shape.ts'
import { unneeded } from '../../src/pipeline/unneeded.ts'
import { BrokenInvariant } from '../support/core/audit.ts'
import { sha } from '../support/core/build.ts'
import { aCheck, aPull, checksOf } from '../support/core/results.ts'
import { type Branch, hint, mishap, noReview, type RealPull, type SimRun, saw, type World } from './world.ts'

const CHECKS = ['build', 'test', 'lint']
const RED = ['failure', 'failure', 'timed_out', 'cancelled', 'action_required', 'stale'] as const
const GREEN = ['success', 'success', 'success', 'neutral', 'skipped'] as const

export function branchOf(world: World, sim: SimRun, leg: LegKey): Branch {
  const found = sim.branches.get(leg)
  if (found !== undefined) return found
  const { random } = world
  const branch: Branch = {
    leg,
    head: null,
    heads: new Set(),
    pull: null,
    conflict: false,
    decidedAt: 0,
    blockedUntil: 0,
    style: random.pick(['normal', 'normal', 'normal', 'late', 'none']),
    hopeless: random.chance(0.08),
    redOnBase: random.chance(0.06) ? [random.pick(CHECKS)] : [],
    review: noReview(random.chance(0.2)),
    queued: random.chance(0.15),
    waiting: null,
    revert: null,
  }
  sim.branches.set(leg, branch)
  return branch
}

/** A commit arrives on a work branch; its checks begin; webhooks go out. */
export function push(world: World, sim: SimRun, leg: LegKey, by: string): HeadSha {
  const { random } = world
  const branch = branchOf(world, sim, leg)
  world.commits += 1
  const head = sha(`commit ${world.commits}`)
  branch.head = head
  branch.heads.add(head)
  // GitHub throws a pull request out of its queue when its head moves.
  branch.waiting = null
  branch.decidedAt = world.now + random.int(0, 8_000)
  world.checks.set(head, startChecks(world, branch))
  for (const { endsAt } of world.checks.get(head) ?? []) {
    hint(world, sim, { type: 'checks.changed', leg, head }, endsAt - world.now)
  }
  pullHint(world, sim, branch, by)
  return head
}

function startChecks(world: World, branch: Branch) {
  const { random } = world
  if (branch.style === 'none') return []
  const names = CHECKS.slice(0, random.int(1, CHECKS.length))
  return names.map((name) => {
    const startsAt = world.now + (branch.style === 'late' ? random.int(1_000, 200_000) : random.int(0, 3_000))
    const bad = branch.redOnBase.includes(name) || (!world.calm && (branch.hopeless || random.chance(0.22)))
    return { name, startsAt, endsAt: startsAt + random.int(1_000, 400_000), conclusion: random.pick(bad ? RED : GREEN) }
  })
}

/** What the checks of a head say at this moment. */
export function checksNow(world: World, sim: SimRun, leg: LegKey, head: HeadSha): LegChecks {
  const { style } = branchOf(world, sim, leg)
  const real = world.checks.get(head) ?? []
  const begun = real.filter(({ startsAt }) => startsAt <= world.now)
  const checks = begun.map(({ name, endsAt, conclusion }) => aCheck(endsAt <= world.now ? conclusion : 'pending', name))
  const required = style === 'late' ? real.map(({ name }) => name) : []
  const redOnBase = branchOf(world, sim, leg).redOnBase.filter((name) => checks.some((check) => check.name === name))
  return checksOf(leg, head, checks, { expectsChecks: style !== 'none', required, redOnBase: [...redOnBase] })
}

/** Failing checks run again; a flaky one may pass now. Gives how many. */
export function rerun(world: World, sim: SimRun, leg: LegKey, head: HeadSha, names: readonly string[]): number {
  const { random } = world
  const again = (world.checks.get(head) ?? []).filter(({ name }) => names.includes(name))
  const { redOnBase, hopeless } = branchOf(world, sim, leg)
  for (const check of again) {
    check.startsAt = world.now
    check.endsAt = world.now + random.int(1_000, 300_000)
    const red = redOnBase.includes(check.name) || (!world.calm && (hopeless || random.chance(0.6)))
    check.conclusion = red ? 'failure' : 'success'
    hint(world, sim, { type: 'checks.changed', leg, head }, check.endsAt - world.now)
  }
  return again.length
}

/** Takes a pull request out of draft. */
export function markReady({ pull }: Branch): void {
  if (pull?.state === 'open') pull.draft = false
}

export function pullNow({ number, state, draft, mergedHead }: RealPull): PullRequest {
  const merged = state === 'merged'
  return aPull(number, {
    state,
    draft,
    mergedAt: merged ? '2026-01-05T12:00:00Z' : null,
    mergeSha: merged && mergedHead !== null ? sha(`merge of ${mergedHead}`) : null,
  })
}

export function mergeableNow(world: World, branch: Branch): PullSeen['mergeable'] {
  if (world.now < branch.decidedAt) return 'unknown'
  if (branch.conflict) return 'dirty'
  if (branch.pull?.draft === true) return 'draft'
  if (world.now < branch.blockedUntil) return 'blocked'
  return 'clean'
}

/** Tells the run of a pull request as it is now. */
export function pullHint(world: World, sim: SimRun, { leg, pull, head }: Branch, by: string): void {
  if (pull === null || head === null) return
  hint(world, sim, { type: 'pull.changed', leg, pull: pullNow(pull), head: pull.mergedHead ?? head, by })
}

/** Opens a pull request, or finds the one there is, also where somebody has merged it meanwhile. */
export function openPull(world: World, sim: SimRun, leg: LegKey): { pull: PullRequest; head: HeadSha } {
  const branch = branchOf(world, sim, leg)
  if (branch.pull === null) {
    world.pulls += 1
    branch.pull = { number: world.pulls, state: 'open', draft: true, mergedHead: null }
    branch.decidedAt = world.now + world.random.int(0, 8_000)
    if (world.random.chance(0.25)) branch.blockedUntil = world.now + world.random.int(60_000, 7_200_000)
  }
  if (branch.head === null) throw new Error(`${leg} has no branch to open a pull request from`)
  return { pull: pullNow(branch.pull), head: branch.pull.mergedHead ?? branch.head }
}

/** Merges at the branch's head, whoever asked. */
export function merge(world: World, sim: SimRun, branch: Branch, by: string): void {
  const { pull, head } = branch
  if (pull === null || head === null) throw new Error('nothing to merge')
  if (by === 'switchyard' || by === 'the merge queue') mayMerge(world, sim, branch, head)
  pull.state = 'merged'
  pull.draft = false
  pull.mergedHead = head
  saw(
    world,
    by === 'switchyard' ? 'merged by the run' : by === 'the merge queue' ? 'merged by the queue' : 'merged by a person',
  )
  pullHint(world, sim, branch, by)
  // Whatever else is open for the same base may conflict with it now.
  for (const other of sim.branches.values()) if (other.pull?.state === 'open' && mishap(world, 0.1)) other.conflict = true
}

/** 4, seen from outside: what the run merges was green, and graded, at exactly this head. */
function mayMerge(world: World, sim: SimRun, branch: Branch, head: HeadSha): void {
  // A merge queue may merge while the run has gone back: what was passed over is to do again then, and will be passed over again.
  const on = sim.run.steps.filter((step) => step.status.state !== 'skipped' && unneeded(sim.run, step) === null)
  const red = (world.checks.get(head) ?? []).filter(
    ({ name, endsAt, conclusion }) =>
      endsAt > world.now || (!['success', 'neutral', 'skipped'].includes(conclusion) && !branch.redOnBase.includes(name)),
  )
  if (on.some(({ kind }) => kind === 'ci') && red.length > 0)
    throw new BrokenInvariant('4', `${branch.leg} was merged at ${head} while ${red[0]?.name} was not green`)
  const companion = on.some((step, index) => {
    const before = on[index - 1]
    return step.kind === 'companion' && before !== undefined && makesCode(before.config)
  })
  for (const [kind, seen] of [
    ['test', sim.tested],
    ['validate', sim.validated],
  ] as const) {
    if (on.some((step) => step.kind === kind) && !seen.has(head))
      throw new BrokenInvariant('4', `${branch.leg} was merged at ${head}, which the step ${kind} has not seen`)
  }
  if (companion && !sim.graded.has(head))
    throw new BrokenInvariant('4', `${branch.leg} was merged at ${head}, which nobody graded`)
}
