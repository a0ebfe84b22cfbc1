/**
 * The environment, read once at start. What is wrong with it is said all at once, each fault with the variable, the
 * reason and the line to write; no value is ever repeated, since most of them are secret or hold a password.
 */

import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import type { BudgetCeilings } from '../contract/budget.ts'
import { SwitchyardError } from '../contract/failure.ts'
import type { ModelList } from '../contract/model-list.ts'
import { type SandboxSettings, sandboxSettings } from '../contract/sandbox.ts'
import { type UseLimits, useLimits } from '../contract/use-limits.ts'
import { mayBeListed } from '../gateway/allowed-model.ts'
import type { PriceTable } from '../gateway/prices.ts'
import type { UnpricedModels } from '../gateway/spending.ts'
import type { RetrySettings } from '../pipeline/run-settings.ts'
import { EnvironmentSchema } from './environment-schema.ts'
import { type WorkflowSettings, workflowSettings } from './environment-workflows.ts'
import { privateKeyOf } from './private-key.ts'
import { about } from './variable.ts'

type Variables = z.output<typeof EnvironmentSchema>
export type VariableName = keyof Variables

/** The environment as the app's parts take it. */
export interface Environment {
  app: { id: number; privateKey: string; webhookSecret: string }
  server: { host: string; port: number; url: string }
  logLevel: Variables['LOG_LEVEL']
  /** Null: embedded, in `dataDir`. */
  databaseUrl: string | null
  /** Null: the queue is kept beside the store. */
  redisUrl: string | null
  dataDir: string
  queuePrefix: string
  github: { apiUrl: string; serverUrl: string; writeIntervalMs: number; commentIntervalMs: number }
  /** `secret` is null where app and runner are one process and nobody set one. */
  runner: { secret: string | null; concurrency: number; mirrorsMaxBytes: number; gitStallSeconds: number; useLimits: UseLimits }
  /** What the runner inside the app does about a sandbox. */
  sandbox: SandboxSettings
  agent: { runtime: string; model: string | null; command: string[] | null; allowRepositoryCommands: boolean }
  /** Live runs, per scope. */
  limits: { deployment: number; installation: number; repository: number; person: number }
  workflows: WorkflowSettings
  /** Intervals in ms. */
  sweeps: {
    outboxMs: number
    deliveriesMs: number
    jobsMs: number
    jobLostAfterMs: number
    timersMs: number
    admissionMs: number
    schedulesMs: number
    checksMs: number
    missedDeliveriesMs: number
    reconcileMs: number
    moneyMs: number
  }
  /** When a step tries again by itself. */
  retry: RetrySettings
  /** What models cost, whether those without a price may be called, and which may be asked for at all; absent: all. */
  models: { prices: PriceTable; unpriced: UnpricedModels; allowed?: ModelList }
  /** What may be spent on models at most. */
  budgets: BudgetCeilings
  debounceMs: number
  /** The probe of a release may ask loopback, private and link-local addresses. */
  allowPrivateProbes: boolean
  /** Where notices are posted; null: on GitHub only. */
  notifyWebhookUrl: string | null
}

/** One thing that is wrong with the environment. */
export interface EnvironmentFault {
  variable: string
  /** What is wrong, going on from the variable's name: "is not set". */
  problem: string
  remedy: string
  /** A line that would be right. */
  line: string
}

/** Thrown by {@link readEnvironment}: every fault of the environment, in one error. */
export class EnvironmentError extends SwitchyardError {
  readonly faults: readonly EnvironmentFault[]

  constructor(faults: readonly EnvironmentFault[]) {
    super({ cause: 'config', message: describeFaults(faults).slice(0, 2_000) })
    this.name = 'EnvironmentError'
    this.message = describeFaults(faults)
    this.faults = faults
  }
}

export interface ReadOptions {
  /** The runner is a program of its own, so that both need a secret to share. */
  separateRunner?: boolean
  /** Reads the file at `PRIVATE_KEY_PATH`. */
  readFile?: (path: string) => string
}

/**
 * Reads and checks the environment. An empty variable counts as not set.
 * @throws {EnvironmentError} with every fault.
 */
export function readEnvironment(env: Record<string, string | undefined>, options: ReadOptions = {}): Environment {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''))
  const parsed = EnvironmentSchema.safeParse(present)
  const faults = parsed.success ? [] : faultsOf(parsed.error.issues)
  const key = readPrivateKey(present, options.readFile ?? ((path) => readFileSync(path, 'utf8')))
  if ('fault' in key) faults.push(key.fault)
  if (options.separateRunner && present.RUNNER_SECRET === undefined) {
    faults.push(fault('RUNNER_SECRET', 'is not set, and the runner is a program of its own', 'Give both the same secret.'))
  }
  if (parsed.success && parsed.data.NOTIFY_WEBHOOK_URL?.startsWith('http:') && !parsed.data.ALLOW_PRIVATE_PROBES) {
    faults.push(fault('NOTIFY_WEBHOOK_URL', 'is not https', 'Notices go unencrypted only where `ALLOW_PRIVATE_PROBES=true`.'))
  }
  if (parsed.success) faults.push(...unlistedModel(parsed.data))
  if (!parsed.success || 'fault' in key || faults.length > 0) throw new EnvironmentError(faults)
  return environmentOf(parsed.data, key.pem)
}

/** The model that agents are given by themselves must be one that they may ask for. */
function unlistedModel({ AGENT_MODEL, ALLOWED_MODELS, MODEL_PRICES }: Variables): EnvironmentFault[] {
  if (AGENT_MODEL === undefined || ALLOWED_MODELS === undefined) return []
  if (mayBeListed(AGENT_MODEL, ALLOWED_MODELS, MODEL_PRICES)) return []
  return [fault('AGENT_MODEL', 'names a model that `ALLOWED_MODELS` does not have', 'Name one of them, or add it there.')]
}

/** Every fault as text for the terminal: one paragraph each, ending with the line to write. */
export function describeFaults(faults: readonly EnvironmentFault[]): string {
  const count = faults.length === 1 ? 'One setting is' : `${faults.length} settings are`
  const paragraphs = faults.map(({ variable, problem, remedy, line }) => `${variable} ${problem}. ${remedy}\n    ${line}`)
  return [`${count} missing or wrong:`, ...paragraphs].join('\n\n')
}

const REMEDIES: Partial<Record<VariableName, string>> = {
  APP_ID: "It is on the App's settings page on GitHub, under About.",
  WEBHOOK_SECRET: "Make one, and put the same into the App's settings on GitHub.",
  RUNNER_SECRET: 'Make one, and give it to the app and to every runner.',
}
const USUAL_REMEDY = 'Write it like this, or leave it out.'

function fault(variable: VariableName, problem: string, remedy?: string): EnvironmentFault {
  const { example } = about.get(EnvironmentSchema.shape[variable]) ?? { example: '…' }
  return { variable, problem, remedy: remedy ?? REMEDIES[variable] ?? USUAL_REMEDY, line: `${variable}=${example}` }
}

/** One fault per variable: its first issue. Zod reports in the order of the schema, which is the order of the docs. */
function faultsOf(issues: readonly { path: PropertyKey[]; message: string }[]): EnvironmentFault[] {
  const first = new Map<VariableName, string>()
  for (const { path, message } of issues) {
    const variable = variableName(path[0])
    if (variable !== null && !first.has(variable)) first.set(variable, path.length > 1 ? 'has a wrong entry' : message)
  }
  return [...first].map(([variable, problem]) => fault(variable, problem))
}

function variableName(key: PropertyKey | undefined): VariableName | null {
  const found = EnvironmentSchema.keyof().safeParse(key)
  return found.success ? found.data : null
}

const KEY_REMEDY = "Generate one on the App's settings page on GitHub, under Private keys, and name the downloaded file."

function readPrivateKey(
  env: Record<string, string | undefined>,
  readFile: (path: string) => string,
): { pem: string } | { fault: EnvironmentFault } {
  const path = env.PRIVATE_KEY_PATH
  const text = env.PRIVATE_KEY
  if (text !== undefined) {
    const pem = privateKeyOf(text)
    return pem === null ? { fault: fault('PRIVATE_KEY', 'is not an RSA private key in PEM or base64', KEY_REMEDY) } : { pem }
  }
  if (path === undefined) return { fault: fault('PRIVATE_KEY_PATH', 'is not set, nor is PRIVATE_KEY', KEY_REMEDY) }
  try {
    const pem = privateKeyOf(readFile(path))
    return pem === null
      ? { fault: fault('PRIVATE_KEY_PATH', 'names a file that holds no RSA private key', KEY_REMEDY) }
      : { pem }
  } catch {
    return { fault: fault('PRIVATE_KEY_PATH', 'names a file that cannot be read', KEY_REMEDY) }
  }
}

function environmentOf(variables: Variables, privateKey: string): Environment {
  return {
    app: { id: variables.APP_ID, privateKey, webhookSecret: variables.WEBHOOK_SECRET },
    server: {
      host: variables.HOST,
      port: variables.PORT,
      url: withoutSlash(variables.APP_URL ?? `http://${hostInUrl(variables.HOST)}:${variables.PORT}`),
    },
    logLevel: variables.LOG_LEVEL,
    databaseUrl: variables.DATABASE_URL ?? null,
    redisUrl: variables.REDIS_URL ?? null,
    dataDir: variables.DATA_DIR,
    queuePrefix: variables.QUEUE_PREFIX,
    github: {
      apiUrl: withoutSlash(variables.GITHUB_API_URL),
      serverUrl: withoutSlash(variables.GITHUB_SERVER_URL),
      writeIntervalMs: variables.GITHUB_WRITE_INTERVAL_MS,
      commentIntervalMs: variables.GITHUB_COMMENT_INTERVAL_MS,
    },
    runner: {
      secret: variables.RUNNER_SECRET ?? null,
      concurrency: variables.RUNNER_CONCURRENCY,
      mirrorsMaxBytes: variables.RUNNER_MIRRORS_MAX_BYTES,
      gitStallSeconds: variables.RUNNER_GIT_STALL_SECONDS,
      useLimits: useLimits(variables),
    },
    sandbox: sandboxSettings(variables),
    agent: {
      runtime: variables.AGENT_RUNTIME,
      model: variables.AGENT_MODEL ?? null,
      command: variables.AGENT_COMMAND ?? null,
      allowRepositoryCommands: variables.ALLOW_REPOSITORY_COMMANDS,
    },
    limits: {
      deployment: variables.LIMIT_DEPLOYMENT_RUNS,
      installation: variables.LIMIT_INSTALLATION_RUNS,
      repository: variables.LIMIT_REPOSITORY_RUNS,
      person: variables.LIMIT_PERSON_RUNS,
    },
    workflows: workflowSettings(variables),
    sweeps: {
      outboxMs: variables.SWEEP_OUTBOX_MS,
      deliveriesMs: variables.SWEEP_DELIVERIES_MS,
      jobsMs: variables.SWEEP_JOBS_MS,
      jobLostAfterMs: variables.JOB_LOST_AFTER_MS,
      timersMs: variables.SWEEP_TIMERS_MS,
      admissionMs: variables.SWEEP_ADMISSION_MS,
      schedulesMs: variables.SWEEP_SCHEDULES_MS,
      checksMs: variables.SWEEP_CHECKS_MS,
      missedDeliveriesMs: variables.SWEEP_MISSED_DELIVERIES_MS,
      reconcileMs: variables.SWEEP_RECONCILE_MS,
      moneyMs: variables.SWEEP_MONEY_MS,
    },
    retry: {
      cap: variables.RETRY_ATTEMPTS,
      infrastructure: variables.RETRY_INFRASTRUCTURE_ATTEMPTS,
      gapMs: variables.RETRY_GAP_MS,
    },
    models: {
      prices: variables.MODEL_PRICES,
      unpriced: variables.UNPRICED_MODELS,
      ...(variables.ALLOWED_MODELS === undefined ? {} : { allowed: variables.ALLOWED_MODELS }),
    },
    budgets: {
      job: variables.BUDGET_JOB_MAX_USD,
      run: variables.BUDGET_RUN_MAX_USD,
      repositoryMonth: variables.BUDGET_REPOSITORY_MONTH_USD ?? null,
      personMonth: variables.BUDGET_PERSON_MONTH_USD ?? null,
      organisationMonth: variables.BUDGET_ORGANISATION_MONTH_USD ?? null,
    },
    debounceMs: variables.DEBOUNCE_MS,
    allowPrivateProbes: variables.ALLOW_PRIVATE_PROBES,
    notifyWebhookUrl: variables.NOTIFY_WEBHOOK_URL ?? null,
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

/** An IPv6 address stands in brackets in a URL; "every address" is reached on loopback. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
