/** Every default of the environment, with its unit. Bounds stand beside the variable in `environment-schema.ts`. */

/** Where the app listens. Loopback: a proxy or tunnel brings GitHub's webhooks to it. */
export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 3000
export const DEFAULT_LOG_LEVEL = 'info'
/** Folder of the embedded store and of the runner's caches, relative to where the app was started. */
export const DEFAULT_DATA_DIR = '.switchyard'

export const DEFAULT_GITHUB_API_URL = 'https://api.github.com'
export const DEFAULT_GITHUB_SERVER_URL = 'https://github.com'
/**
 * Between two writes to GitHub of one installation, in ms.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests
 */
export const DEFAULT_WRITE_INTERVAL_MS = 1_000
/** Between two new comments, issues or pull requests of one installation, in ms. */
export const DEFAULT_COMMENT_INTERVAL_MS = 3_000

/** Jobs that the runner inside `switchyard start` does at the same time. */
export const DEFAULT_RUNNER_CONCURRENCY = 2
/** Shortest shared secret of app and runner, in characters. */
export const RUNNER_SECRET_MIN_CHARACTERS = 32
/** The coding agent of every role for which the configuration names no other. */
export const DEFAULT_RUNTIME = 'claude'

/** Live runs in the whole deployment. */
export const DEFAULT_DEPLOYMENT_RUNS = 50
/** Live runs of one installation (an organisation or an account). */
export const DEFAULT_INSTALLATION_RUNS = 20
/** Live runs of one repository; its configuration can only lower it. */
export const DEFAULT_REPOSITORY_RUNS = 5
/** Live runs that one person asked for; the configuration can only lower it. */
export const DEFAULT_PERSON_RUNS = 5

/** Between two sweeps for outbox rows that were committed and never enqueued, in ms. */
export const DEFAULT_OUTBOX_SWEEP_MS = 5_000
/** Between two sweeps for deliveries that were stored and never interpreted, in ms. */
export const DEFAULT_DELIVERY_SWEEP_MS = 5_000
/** Between two sweeps for jobs that the queue has lost, in ms. */
export const DEFAULT_JOB_SWEEP_MS = 10_000
/** How long a job may be missing from the queue, or its runner be silent while others are heard, before it is lost, in ms. */
export const DEFAULT_JOB_LOST_MS = 120_000
/** Between two sweeps for timers that are due and did not fire, in ms. */
export const DEFAULT_TIMER_SWEEP_MS = 10_000
/** Between two looks at who may be admitted, in ms. */
export const DEFAULT_ADMISSION_SWEEP_MS = 60_000
/** Between two looks at which schedules of the configurations are due, in ms. */
export const DEFAULT_SCHEDULE_SWEEP_MS = 20_000
/** How long a gate waits for a webhook before it asks GitHub itself, in ms. */
export const DEFAULT_CHECKS_SWEEP_MS = 300_000
/** Between two looks for deliveries that never arrived, in ms: an hour. GitHub keeps them for three days. */
export const DEFAULT_MISSED_DELIVERIES_SWEEP_MS = 3_600_000
/** Time in which every live run is compared with GitHub once, in ms. */
export const DEFAULT_RECONCILE_SWEEP_MS = 300_000
/** Between two looks for calls without an end, and for budgets that have room again, in ms. */
export const DEFAULT_MONEY_SWEEP_MS = 60_000
/** Hints about one head within this time cost one question to GitHub, in ms. */
export const DEFAULT_DEBOUNCE_MS = 2_000

/** Attempts that a step makes again by itself after its agent failed. */
export const DEFAULT_RETRY_ATTEMPTS = 3
/** Attempts that a step makes again by itself after what is no agent's fault. */
export const DEFAULT_RETRY_INFRASTRUCTURE_ATTEMPTS = 5
/** Shortest pause between two attempts, in ms. */
export const DEFAULT_RETRY_GAP_MS = 120_000

/** Whether models without a known price may be called. */
export const DEFAULT_UNPRICED_MODELS = 'named'

/** Most that a job may cost whatever a file says, in USD. */
export const DEFAULT_JOB_MAX_USD = 100
/** Most that a run may cost whatever a file says and people add, in USD. */
export const DEFAULT_RUN_MAX_USD = 250
