/**
 * What holds where no configuration says otherwise: an installation works without any file. The pipelines that are built in
 * are in `built-in-pipelines.ts`.
 */

import { MergePolicy } from '../pipeline/run-settings.ts'
import { BUILT_IN_PIPELINES } from './built-in-pipelines.ts'
import type { Configuration } from './configuration.ts'

/** Where the configuration is, in a repository and in the organisation's `.github` repository. */
export const CONFIGURATION_PATH = '.github/switchyard.yml'

/** Where a repository extends or replaces the roles' prompts (CFG-6): `<role>.md`. */
export const ROLES_FOLDER = '.github/switchyard/roles'

/** Where the scripts of dynamic workflows are: `<name>.js`. */
export const WORKFLOWS_FOLDER = '.github/switchyard/workflows'

/** The label that starts a run; `switchyard:quick` starts the pipeline `quick`. */
export const DEFAULT_START_LABEL = 'switchyard'
/** Commands in comments begin with this. */
export const DEFAULT_PREFIX = '/yard'
/** The pipeline of a start that names none. */
export const DEFAULT_PIPELINE = 'default'
/** A wait for a person is escalated after so many minutes; it never ends by itself. */
export const DEFAULT_ESCALATE_MINUTES = 120
/** How long "no checks at all" must last before it counts as green, in seconds. */
export const DEFAULT_NO_CHECKS_GRACE_SECONDS = 90
/** Review remarks are gathered for so long before they are answered as one batch, in seconds. */
export const DEFAULT_REVIEW_QUIET_SECONDS = 60
/** What one job may cost, in USD, where no file says otherwise. */
export const DEFAULT_JOB_USD = 10
/** What a run may cost, in USD, where no file says otherwise. */
export const DEFAULT_RUN_USD = 25
/** Permission levels that may start and steer runs, approve, and merge. */
export const DEFAULT_PERMISSIONS = ['write', 'maintain', 'admin'] as const

/** What holds without any file, and the lowest layer under every file. */
export const BUILT_IN_CONFIGURATION: Configuration = {
  pipelines: Object.fromEntries(BUILT_IN_PIPELINES.map(({ name, steps }) => [name, steps])),
  // What only reads may run on any pull request, and is not listed.
  onPullRequests: BUILT_IN_PIPELINES.flatMap(({ name, on }) => (on === 'pull request' && name !== 'review' ? [name] : [])),
  roles: {},
  peers: [],
  merge: { by: 'person', method: 'squash', permissions: [...DEFAULT_PERMISSIONS], policy: MergePolicy.parse({}) },
  protectedPaths: [],
  sandbox: undefined,
  models: undefined,
  network: {},
  protectedManifests: true,
  validation: [],
  contextFiles: [],
  schedules: [],
  labels: { start: DEFAULT_START_LABEL, pipelines: {} },
  limits: {},
  budgets: {},
  start: { permissions: [...DEFAULT_PERMISSIONS], people: [] },
  approve: { permissions: [...DEFAULT_PERMISSIONS], people: [], codeOwners: false, notRequester: false },
  bots: [],
  commands: { prefix: DEFAULT_PREFIX },
  escalateAfterMinutes: DEFAULT_ESCALATE_MINUTES,
  noChecksGraceSeconds: DEFAULT_NO_CHECKS_GRACE_SECONDS,
  reviewQuietSeconds: DEFAULT_REVIEW_QUIET_SECONDS,
}
