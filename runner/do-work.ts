import { crashPoint } from '../src/contract/crash-point.ts'
import type { JobSpec } from '../src/contract/job.ts'
import { type AgentWork, runAgent } from './agent-work.ts'
import type { JobDeps } from './job-deps.ts'
import type { StopReason } from './job-stop.ts'
import { readJournal, writeJournal } from './journal.ts'
import type { OpenJob } from './open-job.ts'
import { startCheckpoints } from './workspace/checkpoints.ts'
import { type Gathered, gatherLeg } from './workspace/gather-leg.ts'
import { createLegBranch, type LegBranch } from './workspace/leg-branch.ts'
import type { JobPaths } from './workspace/paths.ts'
import { legPaths } from './workspace/prepare-leg.ts'
import { prepareWorkspace, type Workspace } from './workspace/prepare-workspace.ts'

/** The agent's part of a job, done: what is left is to push and to report. */
export interface Worked {
  readonly agent: AgentWork
  readonly legs: readonly { readonly branch: LegBranch; readonly gathered: Gathered }[]
  readonly notes: readonly string[]
}

/** Makes the workspace, runs the agent with its checkpoints, and commits what it left; nothing of the end is pushed yet. */
export async function doWork(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Worked> {
  job.progress.phase('workspace')
  const workspace = await prepareWorkspace({ ...deps, git: job.git, tokens: job.tokens }, spec, paths, job.stop.signal)
  crashPoint('workspace-ready')
  const branches = workspace.legs.map((leg) => createLegBranch(job, leg))

  job.progress.phase('agent')
  const agent = await agentWithCheckpoints(deps, job, spec, paths, workspace, branches)
  crashPoint('agent-ended')
  const { notes } = workspace
  if (isUnwanted(job.stop.reason())) {
    return { agent, notes, legs: branches.map((branch) => ({ branch, gathered: nothing(branch) })) }
  }

  job.progress.phase('validate')
  const legs = await Promise.all(
    branches.map(async (branch) => ({
      branch,
      gathered: await gatherLeg(job.git, branch.workspace, branch.remote(), spec.author),
    })),
  )
  const worked = { agent, legs, notes }
  if (!agent.stopped) await writeJournal(paths, journalOf(spec, job, worked))
  crashPoint('committed')
  return worked
}

/** Whether a job was stopped in a way that leaves nothing to push. */
function isUnwanted(reason: StopReason | null): boolean {
  return reason?.kind === 'lost' || (reason?.kind === 'cancelled' && !reason.keep)
}

/** The agent's part as the start before this one left it on this machine, or null where it did not come so far. */
export async function workDoneBefore(job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Worked | null> {
  const journal = await readJournal(paths, spec, job.start)
  if (journal === null) return null
  const legs = spec.legs.flatMap((leg) => {
    const kept = journal.legs.find(({ key }) => key === leg.key)
    if (kept === undefined) return []
    const workspace = { ...kept, ...legPaths(spec, leg, paths) }
    return [{ branch: createLegBranch(job, workspace), gathered: kept }]
  })
  if (legs.length !== spec.legs.length) return null
  job.progress.restore(journal.usage, journal.toolCalls)
  return { agent: journal.agent, legs, notes: journal.notes }
}

async function agentWithCheckpoints(
  deps: JobDeps,
  job: OpenJob,
  spec: JobSpec,
  paths: JobPaths,
  workspace: Workspace,
  branches: readonly LegBranch[],
): Promise<AgentWork> {
  const { clock, log } = deps
  // Half a merge is no checkpoint: what resolves a conflict is pushed whole or not at all.
  const saved = spec.mergesBase ? [] : branches
  const checkpoints = startCheckpoints({ git: job.git, clock, log }, saved, spec.limits.checkpointMs, spec.author)
  try {
    return await runAgent(deps, { spec, paths, workspace, progress: job.progress }, job.stop.signal)
  } finally {
    await checkpoints.stop()
  }
}

function nothing(branch: LegBranch): Gathered {
  return { commit: branch.workspace.start, committedForAgent: [], leftOut: [], notes: [] }
}

function journalOf(spec: JobSpec, job: OpenJob, worked: Worked) {
  const { agent, notes } = worked
  const legs = worked.legs.map(({ branch, gathered }) => {
    const { leg, baseTip, remoteHead, start, resumed, onBase } = branch.workspace
    return { key: leg.key, baseTip, remoteHead, start, resumed, onBase, ...copied(gathered) }
  })
  const { id, nonce } = spec
  const copy = { ...agent, notes: [...agent.notes], read: copiedRead(agent.read) }
  return {
    id,
    nonce,
    start: job.start,
    legs,
    agent: copy,
    notes: [...notes],
    usage: job.progress.usage(),
    toolCalls: job.progress.toolCalls(),
  }
}

function copied({ commit, committedForAgent, leftOut, notes }: Gathered) {
  return { commit, committedForAgent: [...committedForAgent], leftOut: [...leftOut], notes: [...notes] }
}

function copiedRead(read: AgentWork['read']) {
  return read.status === 'void' || read.status === 'malformed' ? { ...read, faults: [...read.faults] } : read
}
