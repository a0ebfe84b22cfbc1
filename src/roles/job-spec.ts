import { SwitchyardError } from '../contract/failure.ts'
import { CONTRACT_VERSION, type JobLeg, JobLimits, type JobSpec } from '../contract/job.ts'
import { JobGuard } from '../contract/job-guard.ts'
import type { JobSandbox } from '../contract/sandbox.ts'
import type { EffectOf } from '../pipeline/effects.ts'
import type { Leg, Run } from '../pipeline/model.ts'
import type { RoleSettings } from '../pipeline/run-settings.ts'
import { forCall, type JobCall } from './job-call.ts'
import { buildPrompt } from './prompt.ts'
import type { Role, Roles } from './role.ts'

/** The settings that hold for a role that has none of its own. */
export const DEFAULT_ROLE = 'default'

export interface JobSpecInput {
  run: Run
  effect: EffectOf<'enqueue-job'>
  roles: Roles
  /** Random, made by the caller; the agent proves with it that the report is of this job. */
  nonce: string
  allowedHosts: string[]
  author: JobSpec['author']
  resume?: NonNullable<JobSpec['resume']>
  /** The call of a workflow that the job is for. */
  call?: JobCall
}

/**
 * The job that an effect asks for, as the queue carries it.
 * @throws SwitchyardError with cause `config` when there is no such role or no settings for it.
 */
export function buildJobSpec(input: JobSpecInput): JobSpec {
  const { run, effect, nonce } = input
  const collects = input.call?.kind === 'collect'
  const { runtime, limits, guard, instructions, prompt, report } =
    effect.mode === 'validate' || collects ? withoutAgent() : withAgent(input)
  const legs = run.legs.map((leg) => jobLeg(leg, effect.mode, report))
  const spec: JobSpec = {
    version: CONTRACT_VERSION,
    id: effect.job,
    run: run.id,
    step: effect.step,
    epoch: effect.epoch,
    role: effect.role,
    mode: effect.mode,
    runtime,
    instructions,
    prompt,
    reportShape: report,
    nonce,
    legs,
    allowedHosts: input.allowedHosts,
    contextFiles: effect.mode === 'validate' ? [] : (run.settings.contextFiles ?? []),
    validation: effect.mode === 'validate' ? run.settings.validation : [],
    mergesBase: effect.mergesBase,
    limits,
    guard,
    sandbox: sandboxOf(run),
    output: run.output ?? run.settings.output,
    protection: {
      paths: run.settings.protectedPaths,
      manifests: run.settings.protectedManifests,
      allowed: run.allowed ?? [],
    },
    author: input.author,
    ...(effect.pushes === undefined ? {} : { pushes: effect.pushes }),
    ...(effect.purse === undefined ? {} : { purse: effect.purse }),
    ...(input.resume === undefined ? {} : { resume: input.resume }),
    // Jobs of such a step work at the same time.
    ...(run.steps.some(({ id, kind }) => id === effect.step && kind === 'parallel') ? { place: String(effect.epoch) } : {}),
  }
  return input.call === undefined ? spec : forCall(spec, run, input.call)
}

/** Foreign code is looked at without network: a pull request from a fork is known by the name its branch has in the run. */
function sandboxOf({ settings, legs }: Run): JobSandbox {
  const foreign = legs.some(({ pull, workBranch }) => pull !== null && workBranch === `pull/${pull.number}/head`)
  const { required, hosts } = settings.sandbox ?? { required: false }
  return { required, ...(foreign ? { hosts: [] } : hosts === undefined ? {} : { hosts }) }
}

/** Who does a job, and what they are told. */
type Played = Pick<JobSpec, 'runtime' | 'limits' | 'guard' | 'instructions' | 'prompt'> & Pick<Role, 'report'>

/** A job that only runs commands has no agent that could be told anything; every command has a limit of its own. */
function withoutAgent(): Played {
  const [limits, guard] = [JobLimits.parse({}), JobGuard.parse({})]
  return { runtime: { name: 'none' }, limits, guard, instructions: '', prompt: '', report: 'work' }
}

function withAgent({ roles, run, effect, nonce, call }: JobSpecInput): Played {
  const known = roleOf(roles, effect.role)
  const role: Role = call?.kind === 'agent' && call.schema !== undefined ? { ...known, report: 'result' } : known
  const settings = settingsOf(run, effect.role)
  // The effect decides what may be done, whatever the role is used to.
  const played: Role = { ...role, prompt: settings.prompt ?? role.prompt, mode: effect.mode === 'code' ? 'code' : 'explore' }
  const { step, evidence, assignment } = effect
  const told = { role: played, rules: roles.rules, run, step, evidence, assignment: call?.prompt ?? assignment, nonce }
  const { instructions, prompt } = buildPrompt(call?.kind === 'agent' ? { ...told, resultSchema: call.schema } : told)
  const { runtime, limits, guard = JobGuard.parse({}) } = settings
  const whole = withSettings(instructions, settings.instructions)
  return { runtime, limits, guard, instructions: whole, prompt, report: role.report }
}

function roleOf(roles: Roles, name: string): Role {
  const role = roles.byName.get(name)
  if (role !== undefined) return role
  const known = [...roles.byName.keys()].join(', ')
  throw new SwitchyardError({ cause: 'config', message: `There is no role "${name}"; there are: ${known}.` })
}

function settingsOf(run: Run, role: string): RoleSettings {
  const settings = run.settings.roles[role] ?? run.settings.roles[DEFAULT_ROLE]
  if (settings !== undefined) return settings
  throw new SwitchyardError({ cause: 'config', message: `No runtime is set for the role "${role}", and there is no default.` })
}

function withSettings(instructions: string, more: string): string {
  return more.trim() === '' ? instructions : `${instructions}\n\n# What this installation adds\n\n${more.trim()}`
}

function jobLeg(leg: Leg, mode: JobSpec['mode'], report: JobSpec['reportShape']): JobLeg {
  const writes = mode === 'code' && leg.planned && leg.access === 'write'
  // A verdict, an estimate, a test's report and a command's end are given for a head: that one is looked at, and no newer one.
  const pinned = ['verdict', 'estimate', 'test'].includes(report) || (mode === 'validate' && !leg.dropped)
  const head = pinned ? leg.head : null
  return {
    key: leg.key,
    repositoryId: leg.repositoryId,
    repository: leg.repository,
    cloneUrl: leg.cloneUrl,
    role: leg.role,
    access: writes ? 'write' : 'read',
    baseBranch: leg.baseBranch,
    workBranch: leg.workBranch,
    ...(head === null ? {} : { head }),
    ...(leg.directory === undefined ? {} : { directory: leg.directory }),
  }
}
