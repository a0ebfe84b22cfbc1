import path from 'node:path'
import { z } from 'zod'
import { DEFAULT_QUEUE_PREFIX } from '../src/contract/api.ts'
import { DEFAULT_GIT_STALL_SECONDS, GIT_STALL_MAX_SECONDS, GIT_STALL_MIN_SECONDS } from '../src/contract/git-limits.ts'
import { DEFAULT_MIRRORS_MAX_BYTES, MIRRORS_LIMIT_BYTES, MIRRORS_MIN_BYTES } from '../src/contract/mirror-limits.ts'
import {
  DEFAULT_SANDBOX,
  HostList,
  PathList,
  SANDBOX_MODES,
  type SandboxSettings,
  sandboxSettings,
} from '../src/contract/sandbox.ts'
import { USE_SETTINGS, type UseLimits, useLimits } from '../src/contract/use-limits.ts'

/** Jobs that a runner works on at the same time, unless `RUNNER_CONCURRENCY` says another number. */
export const DEFAULT_CONCURRENCY = 2
/** Most jobs that one runner works on at the same time. */
export const MAX_CONCURRENCY = 32
/** Where mirrors and workspaces go, unless `DATA_DIR` says another place; relative to where the runner was started. */
export const DEFAULT_DATA_DIR = '.switchyard'
/** Shortest `RUNNER_SECRET`, in characters. */
export const SECRET_MIN_CHARS = 16

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** A required variable's sentence when it is missing or bad: which, what it must be, and what to do. */
function fault(name: string, must: string, remedy: string): string {
  return `${name} ${must}. ${remedy}`
}

const APP_URL = fault(
  'APP_URL',
  'must be the http or https address of the app',
  'Set it, as in APP_URL=https://switchyard.example.com.',
)
const SECRET = fault(
  'RUNNER_SECRET',
  `must be the secret that the app was started with, of at least ${SECRET_MIN_CHARS} characters`,
  'Copy it from the app; a new one comes from `openssl rand -hex 32`.',
)
const REDIS = fault(
  'REDIS_URL',
  'must be the redis:// or rediss:// address of the queue',
  'Set it to the one the app uses. Without Redis the runner works inside the app: use `npm start` instead.',
)
const CONCURRENCY = fault(
  'RUNNER_CONCURRENCY',
  `must be a whole number from 1 to ${MAX_CONCURRENCY}`,
  `Leave it out for ${DEFAULT_CONCURRENCY}.`,
)
const LEVEL = fault('LOG_LEVEL', `must be one of ${LEVELS.join(', ')}`, 'Leave it out for info.')

const SANDBOX = fault('SANDBOX', `must be one of ${SANDBOX_MODES.join(', ')}`, `Leave it out for ${DEFAULT_SANDBOX}.`)

/** An empty variable counts as not set; a fault names the variable. */
function list(name: string, schema: typeof HostList) {
  return z.preprocess(
    (value) => (value === '' ? undefined : value),
    z
      .string()
      .transform((text, context) => {
        const parsed = schema.safeParse(text)
        if (parsed.success) return parsed.data
        const message = fault(name, parsed.error.issues[0]?.message ?? 'cannot be read', 'See docs/sandbox.md.')
        context.addIssue({ code: 'custom', message })
        return z.NEVER
      })
      .optional(),
  )
}

/** An empty variable counts as not set. */
function wholeNumber(
  name: string,
  { unit, min, max, ...given }: { readonly unit: string; readonly default: number; readonly min: number; readonly max: number },
) {
  const error = fault(name, `must be a whole number of ${unit} from ${min} to ${max}`, `Leave it out for ${given.default}.`)
  return z.preprocess(
    (value) => (value === '' ? undefined : value),
    z
      .string()
      .regex(/^\d{1,15}$/, { error })
      .transform(Number)
      .pipe(z.number().min(min, { error }).max(max, { error }))
      .default(given.default),
  )
}

const optional = (schema: z.ZodType<string>, fallback: string) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.default(fallback))

const Environment = z.object({
  APP_URL: z.url({ protocol: /^https?$/, error: APP_URL }),
  RUNNER_SECRET: z.string({ error: SECRET }).min(SECRET_MIN_CHARS, { error: SECRET }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: REDIS }),
  RUNNER_CONCURRENCY: optional(
    z.string().regex(/^(?:[1-9]|[12]\d|3[0-2])$/, { error: CONCURRENCY }),
    String(DEFAULT_CONCURRENCY),
  ),
  RUNNER_MIRRORS_MAX_BYTES: wholeNumber('RUNNER_MIRRORS_MAX_BYTES', {
    unit: 'bytes',
    default: DEFAULT_MIRRORS_MAX_BYTES,
    min: MIRRORS_MIN_BYTES,
    max: MIRRORS_LIMIT_BYTES,
  }),
  RUNNER_GIT_STALL_SECONDS: wholeNumber('RUNNER_GIT_STALL_SECONDS', {
    unit: 'seconds',
    default: DEFAULT_GIT_STALL_SECONDS,
    min: GIT_STALL_MIN_SECONDS,
    max: GIT_STALL_MAX_SECONDS,
  }),
  RUNNER_JOB_MAX_BYTES: wholeNumber('RUNNER_JOB_MAX_BYTES', USE_SETTINGS.RUNNER_JOB_MAX_BYTES),
  RUNNER_JOB_MAX_FILES: wholeNumber('RUNNER_JOB_MAX_FILES', USE_SETTINGS.RUNNER_JOB_MAX_FILES),
  RUNNER_DISK_FREE_BYTES: wholeNumber('RUNNER_DISK_FREE_BYTES', USE_SETTINGS.RUNNER_DISK_FREE_BYTES),
  RUNNER_JOB_MEMORY_BYTES: wholeNumber('RUNNER_JOB_MEMORY_BYTES', USE_SETTINGS.RUNNER_JOB_MEMORY_BYTES),
  DATA_DIR: optional(z.string(), DEFAULT_DATA_DIR),
  LOG_LEVEL: z.preprocess((value) => (value === '' ? undefined : value), z.enum(LEVELS, { error: LEVEL }).default('info')),
  SANDBOX: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.enum(SANDBOX_MODES, { error: SANDBOX }).default(DEFAULT_SANDBOX),
  ),
  SANDBOX_HOSTS: list('SANDBOX_HOSTS', HostList),
  SANDBOX_PRIVATE_HOSTS: list('SANDBOX_PRIVATE_HOSTS', HostList),
  SANDBOX_READ: list('SANDBOX_READ', PathList),
  QUEUE_PREFIX: optional(
    z
      .string()
      .regex(/^[\w-]{1,50}$/, { error: 'QUEUE_PREFIX may have letters, digits, - and _. Leave it out for the default.' }),
    DEFAULT_QUEUE_PREFIX,
  ),
})

/** A runner's settings. */
export interface RunnerSettings {
  readonly appUrl: string
  readonly secret: string
  readonly redisUrl: string
  readonly concurrency: number
  readonly dataDir: string
  readonly mirrorsMaxBytes: number
  readonly gitStallSeconds: number
  readonly useLimits: UseLimits
  readonly logLevel: (typeof LEVELS)[number]
  readonly prefix: string
  readonly sandbox: SandboxSettings
}

export type ReadEnvironment =
  | { readonly ok: true; readonly settings: RunnerSettings }
  /** Every fault at once, each naming its variable and the remedy. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** Reads a runner's settings from its environment. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ReadEnvironment {
  const parsed = Environment.safeParse(env)
  if (!parsed.success) return { ok: false, faults: [...new Set(parsed.error.issues.map((issue) => issue.message))] }
  const { data } = parsed
  return {
    ok: true,
    settings: {
      appUrl: data.APP_URL,
      secret: data.RUNNER_SECRET,
      redisUrl: data.REDIS_URL,
      concurrency: Math.min(Number(data.RUNNER_CONCURRENCY), MAX_CONCURRENCY),
      dataDir: path.resolve(data.DATA_DIR),
      mirrorsMaxBytes: data.RUNNER_MIRRORS_MAX_BYTES,
      gitStallSeconds: data.RUNNER_GIT_STALL_SECONDS,
      useLimits: useLimits(data),
      logLevel: data.LOG_LEVEL,
      prefix: data.QUEUE_PREFIX,
      sandbox: sandboxSettings(data),
    },
  }
}
