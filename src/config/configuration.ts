/** A configuration with every value settled: the repository's file, over the organisation's, over the built-in defaults. */
import { narrowedModels } from '../contract/model-list.ts'
import { MergePolicy } from '../pipeline/run-settings.ts'
import { BUILT_IN_CONFIGURATION } from './defaults.ts'
import type { ConfigurationFile, PeerFile, StepFile } from './file.ts'
import { type BudgetsFile, mergeBudgets } from './file-budgets.ts'
import { ROLE_NAMES, type RoleFile, type RolesFile } from './file-roles.ts'
import { type NetworkFile, narrowedNetwork, type SandboxFile } from './file-sandbox.ts'
import type { ScheduleFile } from './file-schedules.ts'
import type { ContextFileEntry, ValidationFile } from './file-work.ts'

type Section<K extends keyof ConfigurationFile> = NonNullable<ConfigurationFile[K]>
type Settled<T> = { [P in keyof T]-?: Exclude<T[P], undefined> }

/** What holds in a repository. */
export interface Configuration {
  pipelines: Record<string, StepFile[]>
  /** Pipelines that may change the code of a pull request that they are started on; those that only read need not be here. */
  onPullRequests: string[]
  roles: RolesFile
  peers: PeerFile[]
  merge: Settled<Omit<Section<'merge'>, 'policy'>> & { policy: MergePolicy }
  /** Globs that are protected beside the built-in ones. */
  protectedPaths: string[]
  /** Absent: what who runs Switchyard says. */
  sandbox: SandboxFile | undefined
  network: NetworkFile
  protectedManifests: boolean
  validation: ValidationFile[]
  contextFiles: ContextFileEntry[]
  schedules: ScheduleFile[]
  labels: Settled<Section<'labels'>>
  /** What is absent here is limited by the deployment only. */
  limits: Section<'limits'>
  budgets: BudgetsFile
  /** Absent: all models that who runs Switchyard permits. */
  models: Section<'models'> | undefined
  /** `people` is empty where everybody with a permission may. */
  start: Settled<Section<'start'>>
  /** `people` is empty where everybody with a permission may. */
  approve: Settled<Section<'approve'>>
  bots: string[]
  commands: Settled<Section<'commands'>>
  escalateAfterMinutes: number
  noChecksGraceSeconds: number
  reviewQuietSeconds: number
}

/**
 * One file over another: sections key by key, pipelines by name, roles by role and then key by key, peers by repository.
 * Protected paths add up, so that nobody takes back what the organisation protects, and of the network
 * and the models is left what both permit; pipelines for pull requests add up too. Of schedules only the upper file's count, or an organisation's would come in
 * each of its repositories. Every other list (of steps, permissions, bots, validation commands) is taken whole. Of two
 * budgets the lower one holds. Neither argument is changed.
 */
export function mergeConfigurations(under: ConfigurationFile, over: ConfigurationFile): ConfigurationFile {
  return {
    ...under,
    ...over,
    pipelines: { ...under.pipelines, ...over.pipelines },
    roles: mergeRoles(under.roles ?? {}, over.roles ?? {}),
    peers: mergePeers(under.peers ?? [], over.peers ?? []),
    merge: { ...under.merge, ...over.merge, policy: { ...under.merge?.policy, ...over.merge?.policy } },
    schedules: over.schedules ?? [],
    onPullRequests: [...new Set([...(under.onPullRequests ?? []), ...(over.onPullRequests ?? [])])],
    protectedPaths: [...new Set([...(under.protectedPaths ?? []), ...(over.protectedPaths ?? [])])],
    ...(under.sandbox === undefined ? {} : { sandbox: under.sandbox }),
    network: narrowedNetwork(under.network ?? {}, over.network ?? {}),
    ...manifests(under, over),
    ...models(under, over),
    labels: {
      ...under.labels,
      ...over.labels,
      pipelines: { ...under.labels?.pipelines, ...over.labels?.pipelines },
    },
    limits: mergeLimits(under.limits ?? {}, over.limits ?? {}),
    budgets: mergeBudgets(under.budgets ?? {}, over.budgets ?? {}),
    start: { ...under.start, ...over.start },
    approve: { ...under.approve, ...over.approve },
    commands: { ...under.commands, ...over.commands },
  }
}

/** Puts the built-in defaults under a file; null: there is no file. */
export function settleConfiguration(file: ConfigurationFile | null): Configuration {
  const base = BUILT_IN_CONFIGURATION
  if (file === null) return base
  const merged = mergeConfigurations({ version: 1, ...base }, file)
  return {
    pipelines: merged.pipelines ?? base.pipelines,
    onPullRequests: merged.onPullRequests ?? base.onPullRequests,
    roles: merged.roles ?? base.roles,
    peers: merged.peers ?? base.peers,
    merge: {
      by: merged.merge?.by ?? base.merge.by,
      method: merged.merge?.method ?? base.merge.method,
      permissions: merged.merge?.permissions ?? base.merge.permissions,
      policy: MergePolicy.parse(merged.merge?.policy ?? {}),
    },
    protectedPaths: merged.protectedPaths ?? base.protectedPaths,
    sandbox: merged.sandbox,
    network: merged.network ?? base.network,
    protectedManifests: file.protectedManifests ?? base.protectedManifests,
    validation: merged.validation ?? base.validation,
    contextFiles: merged.contextFiles ?? base.contextFiles,
    schedules: merged.schedules ?? base.schedules,
    labels: {
      start: merged.labels?.start ?? base.labels.start,
      pipelines: merged.labels?.pipelines ?? base.labels.pipelines,
    },
    limits: merged.limits ?? base.limits,
    budgets: merged.budgets ?? base.budgets,
    models: merged.models,
    start: {
      permissions: merged.start?.permissions ?? base.start.permissions,
      people: merged.start?.people ?? base.start.people,
    },
    approve: {
      permissions: merged.approve?.permissions ?? base.approve.permissions,
      people: merged.approve?.people ?? base.approve.people,
      codeOwners: merged.approve?.codeOwners ?? base.approve.codeOwners,
      notRequester: merged.approve?.notRequester ?? base.approve.notRequester,
    },
    bots: merged.bots ?? base.bots,
    commands: { prefix: merged.commands?.prefix ?? base.commands.prefix },
    escalateAfterMinutes: merged.escalateAfterMinutes ?? base.escalateAfterMinutes,
    noChecksGraceSeconds: merged.noChecksGraceSeconds ?? base.noChecksGraceSeconds,
    reviewQuietSeconds: merged.reviewQuietSeconds ?? base.reviewQuietSeconds,
  }
}

/** What one file protects in so many words, another does not take back. */
function manifests(under: ConfigurationFile, over: ConfigurationFile): Pick<ConfigurationFile, 'protectedManifests'> {
  const said = [under.protectedManifests, over.protectedManifests].filter((each) => each !== undefined)
  return said.length === 0 ? {} : { protectedManifests: said.includes(true) }
}

function models(under: ConfigurationFile, over: ConfigurationFile): Pick<ConfigurationFile, 'models'> {
  if (under.models === undefined || over.models === undefined) return {}
  return { models: narrowedModels(under.models, over.models) }
}

function mergeLimits(under: Section<'limits'>, over: Section<'limits'>): Section<'limits'> {
  const output = { ...under.output, ...over.output }
  return { ...under, ...over, ...(Object.keys(output).length === 0 ? {} : { output }) }
}

function mergeRoles(under: RolesFile, over: RolesFile): RolesFile {
  const merged: RolesFile = {}
  for (const name of ROLE_NAMES) {
    const [base, role] = [under[name], over[name]]
    const both = base === undefined || role === undefined ? (role ?? base) : mergeRole(base, role)
    if (both !== undefined) merged[name] = both
  }
  return merged
}

/** Another runtime is taken whole: a model or a command of the one before would not fit it. */
function mergeRole(base: RoleFile, role: RoleFile): RoleFile {
  const otherRuntime = role.runtime?.name !== undefined && role.runtime.name !== base.runtime?.name
  return {
    ...base,
    ...role,
    runtime: otherRuntime ? role.runtime : { ...base.runtime, ...role.runtime },
    limits: { ...base.limits, ...role.limits },
    guard: { ...base.guard, ...role.guard },
  }
}

function mergePeers(under: readonly PeerFile[], over: readonly PeerFile[]): PeerFile[] {
  const replaced = new Set(over.map((peer) => peer.repository.toLowerCase()))
  return [...under.filter((peer) => !replaced.has(peer.repository.toLowerCase())), ...over]
}
