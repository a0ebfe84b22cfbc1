/** From a configuration to what a run is started with: its settings, its steps and the repositories it may touch. */
import type { RuntimeChoice } from '../contract/job.ts'
import { JobGuard } from '../contract/job-guard.ts'
import { ALWAYS_PROTECTED, INSTALL_HOOKS } from '../contract/protection.ts'
import { checkPipeline } from '../pipeline/definitions.ts'
import type { StepConfig } from '../pipeline/model.ts'
import type { RoleSettings, RunSettings } from '../pipeline/run-settings.ts'
import type { Configuration } from './configuration.ts'
import type { Environment } from './environment.ts'
import { pathText } from './explain-issue.ts'
import { runBudgets } from './file-budgets.ts'
import { outputLimits } from './file-output.ts'
import { ROLE_NAMES, type RoleFile } from './file-roles.ts'
import { jobSandbox } from './file-sandbox.ts'
import { validationCommand } from './file-work.ts'
import { inWords, nearest, quoted } from './nearest.ts'
import { jobLimits } from './role-limits.ts'
import { stepConfigs } from './steps.ts'
import { workflowPipeline } from './workflow-pipeline.ts'

const MINUTE_MS = 60_000
const SECOND_MS = 1_000

/** What the deployment's owner decides for every run. */
export type Deployment = Pick<Environment, 'agent' | 'limits' | 'budgets' | 'debounceMs' | 'retry'> & {
  sweeps: Pick<Environment['sweeps'], 'checksMs'>
}

/** A repository that a run may touch beside its own. */
export interface Peer {
  repository: string
  role: 'provider' | 'consumer' | 'reference'
  access: 'write' | 'read'
  directory?: string
}

/** What a run is started with. */
export interface RunPlan {
  pipeline: string
  steps: StepConfig[]
  settings: RunSettings
  peers: Peer[]
}

/** The plan, or a sentence for the person who asked: what is wrong and what to do. */
export type RunPlanResult = { ok: true; plan: RunPlan } | { ok: false; why: string }

/** Everything that a run of this pipeline is started with; checked again, since defaults may have changed since loading. */
export function planRun(configuration: Configuration, deployment: Deployment, pipeline: string): RunPlanResult {
  const named = Object.hasOwn(configuration.pipelines, pipeline) ? configuration.pipelines[pipeline] : undefined
  const steps = named ?? workflowPipeline(pipeline)
  if (steps === null) {
    return { ok: false, why: unknownPipeline(pipeline, Object.keys(configuration.pipelines)) }
  }
  const configs = stepConfigs(steps)
  const [fault] = checkPipeline(configs, configuration.onPullRequests.includes(pipeline) ? 'pull' : 'issue')
  if (fault !== undefined) {
    return {
      ok: false,
      why: `The pipeline ${quoted(pipeline)} is not good at ${quoted(pathText(fault.path))}: ${fault.message}.`,
    }
  }
  const denied = deployment.agent.allowRepositoryCommands
    ? undefined
    : ROLE_NAMES.find((name) => configuration.roles[name]?.runtime?.command !== undefined)
  if (denied !== undefined) {
    return {
      ok: false,
      why: `The role ${quoted(denied)} names a program of its own (\`roles.${denied}.runtime.command\`), which this deployment does not allow. Remove it, or ask the owner of the deployment to set \`ALLOW_REPOSITORY_COMMANDS=true\`.`,
    }
  }
  const roles = Object.fromEntries(
    ROLE_NAMES.map((name) => [name, roleSettings(configuration.roles[name] ?? {}, deployment.agent)]),
  )
  return {
    ok: true,
    plan: { pipeline, steps: configs, settings: runSettings(configuration, deployment, roles), peers: peersOf(configuration) },
  }
}

/** How many runs may be live, per scope: a configuration can only lower what the deployment grants. */
export function liveRunLimits(configuration: Configuration, { limits }: Pick<Deployment, 'limits'>): Environment['limits'] {
  return {
    ...limits,
    repository: Math.min(limits.repository, configuration.limits.runsPerRepository ?? limits.repository),
    person: Math.min(limits.person, configuration.limits.runsPerPerson ?? limits.person),
  }
}

function unknownPipeline(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  const slip = near.length > 0 ? ` Did you mean ${inWords(near.map(quoted), 'or')}?` : ''
  return `There is no pipeline ${quoted(name)} here.${slip} There are ${inWords(known.map(quoted), 'and')}.`
}

function runSettings(
  configuration: Configuration,
  { sweeps, budgets, debounceMs, retry }: Deployment,
  roles: Record<string, RoleSettings>,
): RunSettings {
  const { merge } = configuration
  return {
    roles,
    merge: { by: merge.by, method: merge.method, policy: merge.policy },
    prefix: configuration.commands.prefix,
    escalateMs: Math.round(configuration.escalateAfterMinutes * MINUTE_MS),
    noChecksGraceMs: Math.round(configuration.noChecksGraceSeconds * SECOND_MS),
    sweepMs: sweeps.checksMs,
    debounceMs,
    retry,
    sandbox: jobSandbox(configuration.sandbox, configuration.network),
    budgets: runBudgets(configuration.budgets, budgets),
    ...(configuration.models === undefined ? {} : { models: configuration.models }),
    protectedPaths: protectedPaths(configuration),
    protectedManifests: configuration.protectedManifests,
    output: outputLimits(configuration.limits.output ?? {}),
    validation: configuration.validation.map(validationCommand),
    reviewQuietMs: Math.round(configuration.reviewQuietSeconds * SECOND_MS),
    approvers: configuration.approve.people,
  }
}

function protectedPaths(configuration: Configuration): string[] {
  const hooks = configuration.protectedManifests ? INSTALL_HOOKS : []
  return [...new Set([...ALWAYS_PROTECTED, ...hooks, ...configuration.protectedPaths])]
}

function roleSettings(role: RoleFile, agent: Environment['agent']): RoleSettings {
  return {
    runtime: runtimeChoice(role.runtime ?? {}, agent),
    limits: jobLimits(role.limits ?? {}),
    guard: JobGuard.parse(role.guard ?? {}),
    instructions: role.instructions ?? '',
  }
}

/** The deployment's model and command belong to the deployment's runtime; another runtime does not get them. */
function runtimeChoice(runtime: NonNullable<RoleFile['runtime']>, agent: Environment['agent']): RuntimeChoice {
  const name = runtime.name ?? agent.runtime
  const deployments = name === agent.runtime
  const model = runtime.model ?? (deployments ? agent.model : null)
  const command = runtime.command ?? (deployments ? agent.command : null)
  const choice: RuntimeChoice = { name }
  if (model !== null) choice.model = model
  if (runtime.effort !== undefined) choice.effort = runtime.effort
  if (command !== null) choice.command = command
  return choice
}

function peersOf({ peers }: Configuration): Peer[] {
  return peers.map(({ repository, role, access, directory }) => {
    const peer: Peer = { repository, role, access: access ?? (role === 'reference' ? 'read' : 'write') }
    if (directory !== undefined) peer.directory = directory
    return peer
  })
}
