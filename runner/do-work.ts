import { crashPoint } from '../src/contract/crash-point.ts'
import type { JobSpec } from '../src/contract/job.ts'
import { type AgentWork, runAgent } from './agent-work.ts'
import type { JobDeps } from './job-deps.ts'
import type { StopReason } from './job-stop.ts'
import { type Journal, readHeldJournal, readJournal, writeJournal } from './journal.ts'
import type { OpenJob } from './open-job.ts'
import { openJobPlace } from './sandbox/job-place.ts'
import { keepSession } from './sessions.ts'
import { watchFollowUps } from './watch/follow-ups.ts'
import { startCheckpoints } from './workspace/checkpoints.ts'
import { type Gathered, gatherLeg } from './workspace/gather-leg.ts'
import { createLegBranch, type LegBranch } from './workspace/leg-branch.ts'
import type { JobPaths } from './workspace/paths.ts'
import { legPaths } from './workspace/prepare-leg.ts'
import { prepareWorkspace, type Workspace } from './workspace/prepare-workspace.ts'
import { type RepairDeps, repairLeg, withRepair } from './workspace/repair-leg.ts'

/** The agent's part of a job, done: what is left is to push and to report. */
export interface Worked {
  readonly agent: AgentWork
  readonly legs: readonly { readonly branch: LegBranch; readonly gathered: Gathered }[]
  readonly notes: readonly string[]
}

/** Makes the workspace, runs the agent with its checkpoints, and commits what it left; nothing of the end is pushed yet. */
export async function doWork(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Worked> {
  job.progress.phase('workspace')
  const workspace = await prepareWorkspace(repairDeps(deps, job), spec, paths, job.stop.signal)
  crashPoint('workspace-ready')
  const branches = workspace.legs.map((leg) => createLegBranch(job, leg, spec))

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
      gathered: await withRepair(repairDeps(deps, job), branch.workspace, paths, 'fsck', () =>
        gatherLeg(job.git, branch.workspace, branch.remote(), spec.author),
      ),
    })),
  )
  const worked = { agent, legs, notes }
  if (!agent.stopped) await tryJournal(deps, paths, journalOf(spec, job, worked))
  crashPoint('committed')
  return worked
}

/** What a leg's mirror is repaired with. */
export function repairDeps(deps: JobDeps, job: OpenJob): RepairDeps {
  return { ...deps, git: job.git, tokens: job.tokens }
}

/** The journal only spares another start the agent: on a full disk the work is pushed all the same. */
async function tryJournal(deps: JobDeps, paths: JobPaths, journal: Journal): Promise<void> {
  try {
    await writeJournal(paths, journal)
  } catch (error) {
    deps.log.warn({ job: journal.id, error }, 'journal not written')
  }
}

/** Whether a job was stopped in a way that leaves nothing to push. */
function isUnwanted(reason: StopReason | null): boolean {
  return reason?.kind === 'lost' || (reason?.kind === 'cancelled' && !reason.keep)
}

/** The agent's part as the start before this one left it on this machine, or null where it did not come so far. */
export async function workDoneBefore(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Worked | null> {
  const journal = await readJournal(paths, spec, job.start)
  if (journal === null) return null
  const worked = await takeUp(deps, job, spec, paths, journal)
  if (worked !== null) job.progress.restore(journal.usage, journal.toolCalls)
  return worked
}

/**
 * The work of the earlier job that a person let through, or null where this machine has it no more. It was paid for and
 * counted then.
 */
export async function workHeldBefore(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Worked | null> {
  const journal = await readHeldJournal(paths, spec)
  const worked = journal === null ? null : await takeUp(deps, job, spec, paths, journal)
  // A session goes on from the step's last job, and that is this one now.
  const session = worked?.agent.session ?? null
  if (session !== null) await keepSession(paths, spec, session, deps.clock.now())
  return worked
}

async function takeUp(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths, journal: Journal): Promise<Worked | null> {
  const legs = spec.legs.flatMap((leg) => {
    const kept = journal.legs.find(({ key }) => key === leg.key)
    if (kept === undefined) return []
    const workspace = { ...kept, ...legPaths(spec, leg, paths), fromBase: [] }
    return [{ branch: createLegBranch(job, workspace, spec), gathered: kept }]
  })
  if (legs.length !== spec.legs.length) return null
  await Promise.all(legs.map(({ branch }) => repairLeg(repairDeps(deps, job), branch.workspace, paths, 'look')))
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
  const place = await openJobPlace(deps, job, spec, paths)
  job.tellRefused(place.denied)
  // Half a merge is no checkpoint: what resolves a conflict is pushed whole or not at all.
  const saved = spec.mergesBase ? [] : branches
  const repair = async (branch: LegBranch) => void (await repairLeg(repairDeps(deps, job), branch.workspace, paths, 'look'))
  const lines = { git: job.git, clock, log, repair }
  const checkpoints = startCheckpoints(lines, saved, spec.limits.checkpointMs, spec.author)
  const { progress, redactor } = job
  const followUps = watchFollowUps({
    clock,
    redactor,
    folder: paths.report,
    noticed: (found) => progress.noticed(found),
    log: (text) => progress.log('runner', text),
  })
  try {
    return await runAgent(deps, { spec, paths, workspace, progress, git: job.git, place, redactor }, job.stop.signal)
  } finally {
    await Promise.all([checkpoints.stop(), followUps.stop(), place.close()])
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
