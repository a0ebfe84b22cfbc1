/**
 * A job of the mode `validate` (STP-11): no agent, only the commands of the configuration, each in the repositories that
 * it is for. They run in checkouts of the agent's kind, with an agent's environment: what they run is the repository's
 * code. Nothing is committed or pushed, and a red command is a result, not a failure of the job.
 */
import path from 'node:path'
import type { z } from 'zod'
import type { JobSpec, LegResult, ValidationCommand } from '../src/contract/job.ts'
import type { CheckedCommand, Report } from '../src/contract/report.ts'
import { agentEnvironment } from './agent-environment.ts'
import type { JobDeps } from './job-deps.ts'
import type { OpenJob } from './open-job.ts'
import { giveCredentials } from './package-registries.ts'
import { type CommandEnd, runCommand } from './run-command.ts'
import { type JobPlace, openJobPlace } from './sandbox/job-place.ts'
import { forgetSessions } from './sessions.ts'
import { createLegBranch, describeLeg } from './workspace/leg-branch.ts'
import type { JobPaths } from './workspace/paths.ts'
import type { LegWorkspace } from './workspace/prepare-leg.ts'
import { prepareWorkspace } from './workspace/prepare-workspace.ts'

/** How much of a command's output is reported, in characters; the contract's bound. */
const OUTPUT_MAX = 10_000
/** How much of a command's own text heads its output, in characters. */
const RUN_SHOWN = 500
/** Most commands that a report names; the contract's bound. Red ones are named first where there are more. */
const CHECKS_MAX = 100

/** What came of the commands. */
export interface Validated {
  readonly report: Report
  readonly legs: readonly LegResult[]
  readonly notes: readonly string[]
}

type Check = z.infer<typeof CheckedCommand>

/** Makes the workspace and runs every command to its end, also after a red one. A stopped job leaves the rest out. */
export async function validateWork(deps: JobDeps, job: OpenJob, spec: JobSpec, paths: JobPaths): Promise<Validated> {
  job.progress.phase('workspace')
  const workspace = await prepareWorkspace({ ...deps, git: job.git, tokens: job.tokens }, spec, paths, job.stop.signal)
  await forgetSessions(paths)
  await giveCredentials(deps, { spec, home: paths.home, redactor: job.redactor })

  job.progress.phase('validate')
  const planned = plan(spec, workspace.legs)
  const checks: Check[] = []
  const place = await openJobPlace(deps, job, spec, paths)
  job.tellRefused(place.denied)
  try {
    for (const [done, check] of planned.entries()) {
      if (job.stop.signal.aborted) break
      job.progress.event({ type: 'todos', done, total: planned.length })
      checks.push(await runCheck(deps, job, spec, paths, place, check))
    }
  } finally {
    await place.close()
  }
  const branches = workspace.legs.map((leg) => createLegBranch(job, leg, spec))
  const legs = await Promise.all(
    branches.map((branch) => describeLeg(job.git, branch, { committedForAgent: [], leftOut: [] }, { status: 'unchanged' })),
  )
  return { report: reportOf(spec, checks), legs, notes: [...workspace.notes, ...place.notes, ...skipped(spec, workspace.legs)] }
}

interface PlannedCheck {
  readonly command: ValidationCommand
  readonly leg: LegWorkspace
  /** As the report names it. */
  readonly name: string
}

/** The legs that carry work: those whose head the job was given. */
function changed(legs: readonly LegWorkspace[]): LegWorkspace[] {
  return legs.filter(({ leg }) => leg.head !== undefined)
}

/** Every command in every changed repository that it is for, in the order of the configuration. */
function plan({ validation }: JobSpec, legs: readonly LegWorkspace[]): PlannedCheck[] {
  const several = changed(legs).length > 1
  return validation.flatMap((command) =>
    changed(legs)
      .filter(({ leg }) => command.repository === undefined || isFor(command, leg.repository))
      .map((leg) => ({ command, leg, name: several ? `${command.name} (${leg.leg.repository})` : command.name })),
  )
}

/** GitHub's names do not differ by their case. */
function isFor(command: ValidationCommand, repository: string): boolean {
  return command.repository?.toLowerCase() === repository.toLowerCase()
}

/** Commands whose repository has no change of this run have nothing to say about it. */
function skipped({ validation }: JobSpec, legs: readonly LegWorkspace[]): string[] {
  return validation
    .filter((command) => command.repository !== undefined && !changed(legs).some(({ leg }) => isFor(command, leg.repository)))
    .map(({ name, repository }) => `"${name}" was not run: ${repository} is not changed.`)
}

async function runCheck(
  deps: JobDeps,
  job: OpenJob,
  spec: JobSpec,
  paths: JobPaths,
  place: JobPlace,
  { command, leg, name }: PlannedCheck,
): Promise<Check> {
  const { progress, redactor } = job
  progress.log('tool', `${name}: ${command.run}`)
  const end = await runCommand({
    run: command.run,
    cwd: path.join(leg.folder, leg.leg.directory ?? ''),
    env: agentEnvironment(deps.env, paths),
    timeoutMs: command.timeoutMs,
    killGraceMs: spec.limits.killGraceMs,
    clock: deps.clock,
    launch: place.launch,
    stop: job.stop.signal,
  })
  const output = reported(redactor.redact(`$ ${command.run.slice(0, RUN_SHOWN)}\n`), redactor.redact(end.output), end)
  progress.log(end.ok ? 'result' : 'error', `${name}: ${end.ok ? 'green' : 'red'}\n${output}`)
  return { command: name, ok: end.ok, output }
}

/** What was run, the end of its output, and below it the reason where the output does not say it. */
function reported(run: string, output: string, { why }: CommandEnd): string {
  const reason = why === null ? '' : `${output === '' || output.endsWith('\n') ? '' : '\n'}${why}\n`
  return `${run}${output.slice(-(OUTPUT_MAX - run.length - reason.length))}${reason}`
}

function reportOf({ nonce }: JobSpec, checks: readonly Check[]): Report {
  const red = checks.filter(({ ok }) => !ok)
  const summary =
    red.length === 0
      ? `${checks.length} of ${checks.length} commands are green.`
      : `${red.length} of ${checks.length} commands are red: ${red.map(({ command }) => command).join(', ')}`
  const named = checks.length <= CHECKS_MAX ? checks : [...red, ...checks.filter(({ ok }) => ok)].slice(0, CHECKS_MAX)
  return { status: 'success', nonce, summary: summary.slice(0, 20_000), checks: [...named] }
}
