/** Every environment variable that the app reads, with its check, its default and what the docs say of it. */
import { z } from 'zod'
import { DEFAULT_QUEUE_PREFIX } from '../contract/api.ts'
import { USD_MAX } from '../contract/budget.ts'
import { DEFAULT_GIT_STALL_SECONDS, GIT_STALL_MAX_SECONDS, GIT_STALL_MIN_SECONDS } from '../contract/git-limits.ts'
import { DEFAULT_MIRRORS_MAX_BYTES, MIRRORS_LIMIT_BYTES, MIRRORS_MIN_BYTES } from '../contract/mirror-limits.ts'
import { ModelListText } from '../contract/model-list.ts'
import { DEFAULT_SANDBOX, HostList, PathList, SANDBOX_MODES } from '../contract/sandbox.ts'
import { USE_SETTINGS } from '../contract/use-limits.ts'
import { PriceTable } from '../gateway/prices.ts'
import * as defaults from './environment-defaults.ts'
import { workflowVariables } from './environment-workflows.ts'
import { about, address, choice, dollars, dollarsOrNoLimit, flag, wholeNumber } from './variable.ts'

/** Largest interval of a sweep or pause, in ms: a day. */
const DAY_MS = 86_400_000
/** Largest pause between two writes to GitHub, in ms. */
const PAUSE_MAX_MS = 60_000
/** Largest limit of live runs. */
const RUNS_MAX = 10_000
/** The secret that Probot falls back to; everybody knows it. */
const PROBOT_DEFAULT_SECRET = 'development'

const sweep = (description: string, fallback: number) => wholeNumber({ description, default: fallback, min: 50, max: DAY_MS })
const pause = (description: string, fallback: number) =>
  wholeNumber({ description, default: fallback, min: 0, max: PAUSE_MAX_MS })
const runs = (description: string, fallback: number) => wholeNumber({ description, default: fallback, min: 1, max: RUNS_MAX })

const Prices = z
  .string()
  .transform((text, context) => {
    try {
      return z.unknown().parse(JSON.parse(text))
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON list of prices' })
      return z.NEVER
    }
  })
  .pipe(PriceTable)

const CommandLine = z
  .string()
  .transform((text, context) => {
    try {
      return z.unknown().parse(JSON.parse(text))
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON list of texts: a program and its arguments' })
      return z.NEVER
    }
  })
  .pipe(z.array(z.string().max(4_000)).min(1).max(50))

export const EnvironmentSchema = z.object({
  APP_ID: z
    .string('is not set')
    .regex(/^[1-9]\d{0,14}$/, "must be the App's number")
    .transform(Number)
    .register(about, { description: "The GitHub App's id.", unset: 'required', example: '123456' }),
  PRIVATE_KEY: z.string().optional().register(about, {
    description: "The GitHub App's private key: PEM, PEM on one line with `\\n` for line breaks, or base64 of the PEM.",
    unset: 'required, unless `PRIVATE_KEY_PATH` is set',
    example: '"-----BEGIN RSA PRIVATE KEY-----\\n…\\n-----END RSA PRIVATE KEY-----"',
    secret: true,
  }),
  PRIVATE_KEY_PATH: z.string().optional().register(about, {
    description: "Path of a file that holds the GitHub App's private key.",
    unset: '`PRIVATE_KEY` is used',
    example: './private-key.pem',
  }),
  WEBHOOK_SECRET: z
    .string('is not set')
    .refine((text) => text !== PROBOT_DEFAULT_SECRET, 'is a word that everybody knows, so anybody could send webhooks')
    .register(about, {
      description: "The secret that signs GitHub's webhooks; the same as in the App's settings.",
      unset: 'required',
      example: '<the output of: openssl rand -hex 32>',
      secret: true,
    }),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an IP address')
    .prefault(defaults.DEFAULT_HOST)
    .register(about, { description: 'Address to listen on.', default: defaults.DEFAULT_HOST, example: '0.0.0.0' }),
  PORT: wholeNumber({
    description: 'Port to listen on; 0 takes a free one.',
    default: defaults.DEFAULT_PORT,
    min: 0,
    max: 65_535,
  }),
  APP_URL: address(['http', 'https']).optional().register(about, {
    description: 'Where runners and people reach the app; links to the dashboard begin with it.',
    unset: '`http://HOST:PORT`',
    example: 'https://switchyard.example.com',
  }),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    description: 'How much is logged.',
    default: defaults.DEFAULT_LOG_LEVEL,
  }),
  DATA_DIR: z.string().prefault(defaults.DEFAULT_DATA_DIR).register(about, {
    description: "Folder of the embedded store and of the runner's caches.",
    default: defaults.DEFAULT_DATA_DIR,
    example: '/var/lib/switchyard',
  }),
  DATABASE_URL: address(['postgres', 'postgresql']).optional().register(about, {
    description: 'PostgreSQL for the store.',
    unset: 'the store is embedded, in `DATA_DIR`',
    example: 'postgres://switchyard:<password>@127.0.0.1:5432/switchyard',
    secret: true,
  }),
  REDIS_URL: address(['redis', 'rediss']).optional().register(about, {
    description: 'Redis for the queue; it needs AOF and `noeviction`.',
    unset: 'the queue is kept beside the store',
    example: 'redis://127.0.0.1:6379',
    secret: true,
  }),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens, at most 40')
    .prefault(DEFAULT_QUEUE_PREFIX)
    .register(about, {
      description: "First part of the queue's names, so that several deployments can share one Redis.",
      default: DEFAULT_QUEUE_PREFIX,
      example: 'switchyard-staging',
    }),

  GITHUB_API_URL: address(['http', 'https']).prefault(defaults.DEFAULT_GITHUB_API_URL).register(about, {
    description: "GitHub's REST address; on GitHub Enterprise Server it ends with `/api/v3`.",
    default: defaults.DEFAULT_GITHUB_API_URL,
    example: 'https://github.example.com/api/v3',
  }),
  GITHUB_SERVER_URL: address(['http', 'https']).prefault(defaults.DEFAULT_GITHUB_SERVER_URL).register(about, {
    description: "GitHub's web address, from which repositories are cloned.",
    default: defaults.DEFAULT_GITHUB_SERVER_URL,
    example: 'https://github.example.com',
  }),
  GITHUB_WRITE_INTERVAL_MS: pause(
    'Pause between two writes to GitHub of one installation, in ms.',
    defaults.DEFAULT_WRITE_INTERVAL_MS,
  ),
  GITHUB_COMMENT_INTERVAL_MS: pause(
    'Pause between two new comments, issues or pull requests of one installation, in ms.',
    defaults.DEFAULT_COMMENT_INTERVAL_MS,
  ),

  MODEL_PRICES: Prices.prefault('[]').register(about, {
    description:
      'What models cost, in USD for a million tokens, before the built-in table: a JSON list of `model` (a glob), `input`, `output`, `cacheRead`, `cacheWrite`. The built-in table is not a vendor’s word: compare it with what you pay (docs/money.md).',
    unset: 'the built-in table alone',
    example: '[{"model":"our-model-*","input":1,"output":4}]',
  }),
  UNPRICED_MODELS: choice(['refuse', 'named', 'allow'], {
    description:
      'Whether a model may be called whose price is not known; its calls are not metered and no budget holds them. `named`: where a role names it.',
    default: defaults.DEFAULT_UNPRICED_MODELS,
  }),

  ALLOWED_MODELS: ModelListText.optional().register(about, {
    description:
      'The models that may be asked for at all, by name or by its beginning with a `*` behind it, with commas between; a repository can only narrow it (`models`). Agents use smaller models beside their own: list those as well.',
    unset: 'every model',
    example: 'claude-sonnet-4*,claude-haiku-4-5*',
  }),

  BUDGET_JOB_MAX_USD: dollars({
    description: 'Most that one job of an agent may cost, in USD, whatever `budgets` of a repository says.',
    default: defaults.DEFAULT_JOB_MAX_USD,
    max: USD_MAX,
  }),
  BUDGET_RUN_MAX_USD: dollars({
    description: 'Most that a run may cost, in USD, whatever `budgets` of a repository says and `/yard budget` adds.',
    default: defaults.DEFAULT_RUN_MAX_USD,
    max: USD_MAX,
  }),
  BUDGET_REPOSITORY_MONTH_USD: dollarsOrNoLimit({
    description: 'Most that the runs of one repository may cost in a calendar month (UTC), in USD; nobody can add to it.',
    max: USD_MAX,
  }),
  BUDGET_PERSON_MONTH_USD: dollarsOrNoLimit({
    description: 'Most that the runs of one person may cost in a calendar month (UTC), in USD; nobody can add to it.',
    max: USD_MAX,
  }),
  BUDGET_ORGANISATION_MONTH_USD: dollarsOrNoLimit({
    description:
      'Most that the runs of one installation (an organisation or an account) may cost in a calendar month (UTC), in USD; nobody can add to it.',
    max: USD_MAX,
  }),

  RUNNER_SECRET: z
    .string('is not set')
    .min(
      defaults.RUNNER_SECRET_MIN_CHARACTERS,
      `is too short: it must have at least ${defaults.RUNNER_SECRET_MIN_CHARACTERS} characters`,
    )
    .optional()
    .register(about, {
      description: 'What a runner shows to the app; the same at both.',
      unset: '`switchyard start` makes one for its own runner; `switchyard app` needs it',
      example: '<the output of: openssl rand -hex 32>',
      secret: true,
    }),
  RUNNER_CONCURRENCY: wholeNumber({
    description: 'Jobs that the runner inside `switchyard start` does at the same time.',
    default: defaults.DEFAULT_RUNNER_CONCURRENCY,
    min: 1,
    max: 64,
  }),
  RUNNER_MIRRORS_MAX_BYTES: wholeNumber({
    description:
      'How much the mirrors of repositories that a runner keeps may take together, in bytes. Beyond it those that no job uses go, the one that was used longest ago first. A runner of its own reads the same variable.',
    default: DEFAULT_MIRRORS_MAX_BYTES,
    min: MIRRORS_MIN_BYTES,
    max: MIRRORS_LIMIT_BYTES,
  }),
  RUNNER_GIT_STALL_SECONDS: wholeNumber({
    description:
      'How long a fetch or a push may bring less than a byte per second before git gives it up, in seconds. A server of git says every five seconds that it still works; give more time where a proxy keeps that back. A runner of its own reads the same variable.',
    default: DEFAULT_GIT_STALL_SECONDS,
    min: GIT_STALL_MIN_SECONDS,
    max: GIT_STALL_MAX_SECONDS,
  }),
  RUNNER_JOB_MAX_BYTES: wholeNumber({
    description:
      'How much one job may write to the disk beside the checkouts it is given, in bytes: what its agent makes and changes, and its home. Beyond it the job is ended. A runner of its own reads this variable and the next three as well. See `docs/sandbox.md`.',
    ...USE_SETTINGS.RUNNER_JOB_MAX_BYTES,
  }),
  RUNNER_JOB_MAX_FILES: wholeNumber({
    description: 'How many files and folders one job may make or change. Beyond it the job is ended.',
    ...USE_SETTINGS.RUNNER_JOB_MAX_FILES,
  }),
  RUNNER_DISK_FREE_BYTES: wholeNumber({
    description:
      'What jobs leave free of the disk that `DATA_DIR` is on, in bytes. Below it the job is ended that has written most, where that is at least as much.',
    ...USE_SETTINGS.RUNNER_DISK_FREE_BYTES,
  }),
  RUNNER_JOB_MEMORY_BYTES: wholeNumber({
    description:
      'How much memory the processes of one job may hold together, in bytes; never more than four fifths of the machine’s. Beyond it the job is ended.',
    ...USE_SETTINGS.RUNNER_JOB_MEMORY_BYTES,
  }),
  SANDBOX: choice(SANDBOX_MODES, {
    description:
      'Whether agents, and the commands of the configuration, work in a sandbox of bubblewrap. `required`: a runner that cannot make one does not start, and says what is missing; `auto`: jobs are done without one where it cannot be had, and their reports say so; `off`: what agents run can do on the machine whatever the runner can. A runner of its own reads these four variables as well. See `docs/sandbox.md`.',
    default: DEFAULT_SANDBOX,
  }),
  SANDBOX_HOSTS: HostList.optional().register(about, {
    description:
      'Hosts that jobs may reach by HTTPS from inside, with commas between: `host`, `host:port`, `*.domain`. The word `registries` stands for where the runner’s own package managers fetch from, `none` for no host at all. A name that leads into a private network is refused.',
    unset: '`registries`',
    example: 'registries,api.example.com',
  }),
  SANDBOX_PRIVATE_HOSTS: HostList.optional().register(about, {
    description: 'Hosts that jobs may reach from inside although their addresses are private: a package registry of your own.',
    unset: 'none',
    example: 'npm.intern.example.com:8443',
  }),
  SANDBOX_READ: PathList.optional().register(about, {
    description:
      'Files and folders of the machine that are shown inside, read-only, at their own paths, with colons between: tools that lie outside of `/usr`. What is in them every agent can read.',
    unset: 'none',
    example: '/opt/jdk:/opt/agent',
  }),
  AGENT_RUNTIME: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "must be a runtime's name: lower-case letters, digits and hyphens")
    .prefault(defaults.DEFAULT_RUNTIME)
    .register(about, {
      description: 'The coding agent of every role for which the configuration names no other.',
      default: defaults.DEFAULT_RUNTIME,
      example: defaults.DEFAULT_RUNTIME,
    }),
  AGENT_MODEL: z.string().max(200).optional().register(about, {
    description: 'The model of `AGENT_RUNTIME`.',
    unset: "the runtime's own choice",
    example: '<model>',
  }),
  AGENT_COMMAND: CommandLine.optional().register(about, {
    description: 'Program and arguments of `AGENT_RUNTIME` where that is `command`, as a JSON list; started without a shell.',
    unset: 'none',
    example: '\'["/opt/agent/bin/agent", "--headless"]\'',
  }),
  ALLOW_REPOSITORY_COMMANDS: flag({
    description:
      "Whether a repository's `.github/switchyard.yml` may name a program of its own for the `command` runtime. It runs on the runner's machine.",
    default: false,
  }),
  ALLOW_PRIVATE_PROBES: flag({
    description:
      "Whether a release's probe, whose address comes from a repository's `.github/switchyard.yml`, may ask loopback, private and link-local addresses. The app asks from where it runs.",
    default: false,
  }),

  NOTIFY_WEBHOOK_URL: address(['https', 'http']).optional().register(about, {
    description:
      'Where a message is posted whenever somebody has to do something: JSON with `text`, as Slack and those like it take it. `https` and a public address, unless `ALLOW_PRIVATE_PROBES` is set.',
    unset: 'people are told on GitHub only',
    example: 'https://hooks.example.com/services/<path>',
    secret: true,
  }),

  LIMIT_DEPLOYMENT_RUNS: runs('Live runs in the whole deployment; more wait in the queue.', defaults.DEFAULT_DEPLOYMENT_RUNS),
  LIMIT_INSTALLATION_RUNS: runs('Live runs of one installation.', defaults.DEFAULT_INSTALLATION_RUNS),
  LIMIT_REPOSITORY_RUNS: runs(
    'Live runs of one repository; its configuration can only lower it.',
    defaults.DEFAULT_REPOSITORY_RUNS,
  ),
  LIMIT_PERSON_RUNS: runs(
    'Live runs that one person asked for; the configuration can only lower it.',
    defaults.DEFAULT_PERSON_RUNS,
  ),

  ...workflowVariables,

  SWEEP_OUTBOX_MS: sweep('Between two sweeps for effects that were never enqueued, in ms.', defaults.DEFAULT_OUTBOX_SWEEP_MS),
  SWEEP_DELIVERIES_MS: sweep(
    'Between two sweeps for deliveries that were never interpreted, in ms.',
    defaults.DEFAULT_DELIVERY_SWEEP_MS,
  ),
  SWEEP_JOBS_MS: sweep('Between two sweeps for jobs that the queue has lost, in ms.', defaults.DEFAULT_JOB_SWEEP_MS),
  JOB_LOST_AFTER_MS: sweep(
    'How long a job may be missing from the queue, or its runner be silent while others are heard, before it counts as lost, in ms.',
    defaults.DEFAULT_JOB_LOST_MS,
  ),
  SWEEP_TIMERS_MS: sweep(
    'Between two sweeps for timers that are due and did not fire, in ms.',
    defaults.DEFAULT_TIMER_SWEEP_MS,
  ),
  SWEEP_ADMISSION_MS: sweep('Between two looks at who may be admitted, in ms.', defaults.DEFAULT_ADMISSION_SWEEP_MS),
  SWEEP_SCHEDULES_MS: sweep(
    'Between two looks at which schedules of the configurations are due, in ms.',
    defaults.DEFAULT_SCHEDULE_SWEEP_MS,
  ),
  SWEEP_CHECKS_MS: sweep(
    'How long a gate waits for a webhook before it asks GitHub itself, in ms.',
    defaults.DEFAULT_CHECKS_SWEEP_MS,
  ),
  SWEEP_MISSED_DELIVERIES_MS: sweep(
    'Between two looks for deliveries that GitHub could not deliver, which are asked for again, in ms.',
    defaults.DEFAULT_MISSED_DELIVERIES_SWEEP_MS,
  ),
  SWEEP_RECONCILE_MS: wholeNumber({
    description:
      'Time in which every live run is compared once with its issue, its repositories and its pull requests on GitHub, in ms; the work is spread over it. What would pause or stop a run must be seen twice. 0 is off.',
    default: defaults.DEFAULT_RECONCILE_SWEEP_MS,
    min: 0,
    max: DAY_MS,
  }),
  SWEEP_MONEY_MS: sweep(
    "Between two looks for calls of models whose runner was lost, and for runs that are paused for a month's budget that has room again, in ms.",
    defaults.DEFAULT_MONEY_SWEEP_MS,
  ),
  RETRY_ATTEMPTS: wholeNumber({
    description: 'Attempts that a step makes again by itself after its agent failed, before a person is asked.',
    default: defaults.DEFAULT_RETRY_ATTEMPTS,
    min: 0,
    max: 10,
  }),
  RETRY_INFRASTRUCTURE_ATTEMPTS: wholeNumber({
    description:
      'Attempts that a step makes again by itself after a runner was lost, git failed or a model was not to be reached.',
    default: defaults.DEFAULT_RETRY_INFRASTRUCTURE_ATTEMPTS,
    min: 0,
    max: 20,
  }),
  RETRY_GAP_MS: wholeNumber({
    description: 'Shortest pause between two attempts, in ms.',
    default: defaults.DEFAULT_RETRY_GAP_MS,
    min: 0,
    max: 86_400_000,
  }),
  DEBOUNCE_MS: pause('Hints about one head within this time cost one question to GitHub, in ms.', defaults.DEFAULT_DEBOUNCE_MS),
})
