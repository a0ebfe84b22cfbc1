/**
 * A job that collects branches (WF-4): no agent, only merges into the legs' work branches, in the order that the job gives.
 * Done again after a crash, it finds what is in already. It ends before the first branch that conflicts, with what came before
 * pushed; who resolves that is not its business.
 */
import type { JobSpec, LegResult } from '../src/contract/job.ts'
import type { Report } from '../src/contract/report.ts'
import { repairDeps } from './do-work.ts'
import { contains, mergeCommits } from './git/history.ts'
import type { JobDeps } from './job-deps.ts'
import type { OpenJob } from './open-job.ts'
import { createLegBranch, settleLeg } from './workspace/leg-branch.ts'
import type { JobPaths } from './workspace/paths.ts'
import type { LegWorkspace } from './workspace/prepare-leg.ts'
import { prepareWorkspace } from './workspace/prepare-workspace.ts'
import { withRepair } from './workspace/repair-leg.ts'

/** What came of it. */
export interface Collected {
  readonly report: Report
  readonly legs: readonly LegResult[]
  readonly notes: readonly string[]
}

type Branch = NonNullable<JobSpec['collect']>[number]

/** Merges what can be merged, and pushes it. Throws `GitError` where git itself fails. */
export async function collectWork(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Collected> {
  job.progress.phase('workspace')
  const workspace = await prepareWorkspace(repairDeps(deps, job), spec, paths, job.stop.signal)
  const heads = new Map(workspace.legs.map(({ leg, start }) => [leg.key, start]))
  const merged: Branch[] = []
  let collision: Branch | null = null
  for (const branch of spec.collect ?? []) {
    const workspaceOf = workspace.legs.find(({ leg }) => leg.key === branch.leg)
    if (workspaceOf === undefined || job.stop.signal.aborted) break
    const head = await mergedHead(job, spec, workspaceOf, heads.get(branch.leg) ?? workspaceOf.start, branch)
    if (head === null) {
      collision = branch
      break
    }
    heads.set(branch.leg, head)
    merged.push(branch)
  }
  job.progress.phase('push')
  const legs = await Promise.all(
    workspace.legs.map((leg) => {
      const branch = createLegBranch(job, leg, spec)
      const gathered = { commit: heads.get(leg.leg.key) ?? leg.start, committedForAgent: [], leftOut: [], notes: [] }
      return settleLeg(job.git, branch, gathered, (push) => withRepair(repairDeps(deps, job), leg, paths, 'look', push))
    }),
  )
  return { report: reportOf(spec, merged, collision), legs, notes: workspace.notes }
}

/** The work branch's head with the branch in it; null where they conflict. */
async function mergedHead(
  { git }: OpenJob,
  { author }: JobSpec,
  { gitDir, leg, baseTip }: LegWorkspace,
  ours: string,
  { branch, head }: Branch,
): Promise<string | null> {
  if (await contains(git, gitDir, ours, head)) return ours
  // With nothing there yet it is where the work begins; that the base has moved since is the conflict gate's business.
  if (ours === baseTip || (await contains(git, gitDir, head, ours))) return head
  const message = `Merge branch '${branch}' into ${leg.workBranch}\n`
  return await mergeCommits(git, gitDir, gitDir, { ours, theirs: head, message, author })
}

function reportOf({ nonce, collect = [] }: JobSpec, merged: readonly Branch[], collision: Branch | null): Report {
  const summary =
    collision === null
      ? `${merged.length} branches are collected.`
      : `${merged.length} of ${collect.length} branches are collected; ${collision.branch} conflicts.`
  const named = ({ leg, branch }: Branch) => ({ leg, branch })
  const result = { merged: merged.map(named), collision: collision === null ? null : named(collision) }
  return { status: 'success', nonce, summary, result }
}
