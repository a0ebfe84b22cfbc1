import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crashPoint } from '../src/contract/crash-point.ts'
import { type Failure, SwitchyardError } from '../src/contract/failure.ts'
import type { JobLimits, JobSpec } from '../src/contract/job.ts'
import type { Redactor } from '../src/contract/redact.ts'
import { agentEnvironment } from './agent-environment.ts'
import { type AgentRun, runAgentProcess } from './agent-process.ts'
import type { AgentTask, Outcome, Runtime } from './agents/runtime.ts'
import type { Clock } from './clock.ts'
import type { Git } from './git/run-git.ts'
import { giveCredentials, type PackageRegistry } from './package-registries.ts'
import { repairPrompt, workspacePrompt } from './prompt.ts'
import { faultsOf, type ReadReport, readReport, reportPath } from './report/read-report.ts'
import type { JobPlace } from './sandbox/job-place.ts'
import { forgetSessions, keepSession, keptSession } from './sessions.ts'
import { FOLLOW_UPS_ENV, FOLLOW_UPS_FILE } from './watch/follow-ups.ts'
import type { ProgressSender } from './watch/progress.ts'
import { filesMark } from './workspace/files-mark.ts'
import type { JobPaths } from './workspace/paths.ts'
import type { Workspace } from './workspace/prepare-workspace.ts'

/** Longest time for the one repair of a report, in ms. */
const REPAIR_MS = 300_000

export interface AgentDeps {
  readonly runtimes: ReadonlyMap<string, Runtime>
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  /** Private registries of the runner's owner; absent: none. */
  readonly registries?: readonly PackageRegistry[]
  /** An absolute path without symbolic links. */
  readonly dataDir: string
}

/** What came of the agent, before its work is looked at. */
export interface AgentWork {
  /** A watchdog or a guard stopped it. */
  readonly expired: Failure | null
  /** It was stopped from outside before it had ended by itself. */
  readonly stopped: boolean
  readonly outcome: Outcome
  readonly read: ReadReport
  readonly session: string | null
  readonly notes: readonly string[]
}

/**
 * Runs the agent to its end, and once more in the same session if its report is missing or malformed. Throws a
 * `SwitchyardError` when the runtime is not offered here or cannot start.
 */
export async function runAgent(
  deps: AgentDeps,
  job: {
    readonly spec: JobSpec
    readonly paths: JobPaths
    readonly workspace: Workspace
    readonly progress: ProgressSender
    readonly git: Git
    readonly place: JobPlace
    readonly redactor: Redactor
  },
  stop: AbortSignal,
): Promise<AgentWork> {
  const { spec, paths, workspace, progress, place } = job
  const runtime = deps.runtimes.get(spec.runtime.name)
  if (runtime === undefined) {
    throw new SwitchyardError({ cause: 'dispatch', message: `This runner does not offer the runtime "${spec.runtime.name}".` })
  }
  const resumed = await keptSession(paths, spec, deps.clock.now())
  if (resumed === null) await forgetSessions(paths)
  await giveCredentials(deps, { spec, home: paths.home, redactor: job.redactor })
  const reportFile = reportPath(paths.report)
  const prompt = workspacePrompt(spec, workspace, reportFile, followUpsPath(paths))
  const written = await writeTask(deps, spec, paths, workspace, runtime, prompt, reportFile)
  const task = place.gateway === null ? written : { ...written, gateway: place.gateway }
  let session = resumed
  const process = async (given: AgentTask, limits: JobLimits): Promise<AgentRun> => {
    const invocation = await runtime.invocation(given)
    await place.ready()
    const run = await runAgentProcess({
      runtime,
      invocation,
      promptFile: given.promptFile,
      limits,
      guard: { limits: spec.guard, mode: task.mode, filesMark: () => filesMark(job.git, workspace.legs) },
      clock: deps.clock,
      launch: place.launch,
      stop,
      onStarted: () => crashPoint('agent-started'),
      onEvent(event) {
        if (event.type === 'session') session = event.id
        progress.event(event)
      },
    })
    progress.processEnded()
    return run
  }

  const first = await process(resumed === null ? task : { ...task, resume: resumed }, spec.limits)
  const outcome = runtime.outcome(first.end)
  const expected = { nonce: spec.nonce, shape: spec.reportShape, schema: spec.resultSchema }
  const read = await readReport(paths.report, expected)
  const notes = [...place.notes, ...optionNotes(spec, runtime)]
  if (spec.resume !== undefined && resumed === null)
    notes.push('The earlier session is not on this runner; a fresh one was started.')
  const repairable = outcome.ok && first.expired === null && !first.stopped && read.status !== 'good'
  if (session !== null) await keepSession(paths, spec, session, deps.clock.now())
  if (!repairable || !runtime.capabilities.resume || session === null) {
    return { expired: first.expired, stopped: first.stopped, outcome, read, session, notes }
  }

  progress.log('runner', 'The report is missing or malformed; the agent is asked for it once more.')
  await rm(reportFile, { recursive: true, force: true })
  const promptFile = path.join(paths.task, 'repair.md')
  await writeFile(promptFile, repairPrompt(spec, reportFile, faultsOf(read)))
  const limits = { ...spec.limits, durationMs: Math.min(spec.limits.durationMs, REPAIR_MS) }
  const second = await process({ ...task, promptFile, resume: session }, limits)
  const repaired = await readReport(paths.report, expected)
  if (repaired.status === 'good') notes.push('The report had to be asked for a second time.')
  // A repair that ends badly leaves the job where it was: without a usable report.
  return { expired: second.expired, stopped: second.stopped, outcome, read: repaired, session, notes }
}

async function writeTask(
  deps: AgentDeps,
  spec: JobSpec,
  paths: JobPaths,
  workspace: Workspace,
  runtime: Runtime,
  prompt: string,
  reportFile: string,
): Promise<AgentTask> {
  const promptFile = path.join(paths.task, 'prompt.md')
  const instructionsFile = path.join(paths.task, 'instructions.md')
  const whole = runtime.capabilities.systemPrompt ? prompt : `${spec.instructions.trimEnd()}\n\n${prompt}`
  await mkdir(paths.home, { recursive: true })
  await Promise.all([writeFile(promptFile, whole), writeFile(instructionsFile, spec.instructions)])
  const { model, effort, command } = spec.runtime
  return {
    workDir: workspace.workDir,
    privateDir: paths.home,
    promptFile,
    instructionsFile,
    reportFile,
    nonce: spec.nonce,
    role: spec.role,
    mode: spec.mode === 'code' ? 'code' : 'explore',
    env: { ...agentEnvironment(deps.env, paths), [FOLLOW_UPS_ENV]: followUpsPath(paths) },
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(command === undefined ? {} : { command }),
  }
}

function followUpsPath({ report }: JobPaths): string {
  return path.join(report, FOLLOW_UPS_FILE)
}

function optionNotes(spec: JobSpec, { capabilities, name }: Runtime): string[] {
  const notes: string[] = []
  if (spec.runtime.model !== undefined && !capabilities.model)
    notes.push(`The runtime ${name} cannot be told a model; its own was used.`)
  if (spec.runtime.effort !== undefined && !capabilities.effort) notes.push(`The runtime ${name} cannot be told an effort.`)
  if (spec.runtime.command !== undefined && !capabilities.command)
    notes.push(`The runtime ${name} starts a program of its own; the command that is set was not used.`)
  return notes
}
