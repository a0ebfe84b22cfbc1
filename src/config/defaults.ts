/**
 * What holds where no configuration says otherwise: an installation works without any file. The built-in pipelines are
 * written as a person would write them in `.github/switchyard.yml`.
 */
import type { Configuration } from './configuration.ts'

/** Where the configuration is, in a repository and in the organisation's `.github` repository. */
export const CONFIGURATION_PATH = '.github/switchyard.yml'

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
/** Permission levels that may start and steer runs, approve, and merge. */
export const DEFAULT_PERMISSIONS = ['write', 'maintain', 'admin'] as const

/** Pipelines that exist without a file. A file's pipeline of the same name takes its place. */
const BUILT_IN_PIPELINES: Configuration['pipelines'] = {
  default: [
    { id: 'plan', kind: 'plan' },
    { id: 'approval', kind: 'approval' },
    { id: 'code', kind: 'agent' },
    { id: 'review', kind: 'companion' },
    { id: 'ci', kind: 'ci' },
    { id: 'merge', kind: 'merge' },
  ],
  quick: [
    { id: 'code', kind: 'agent' },
    { id: 'ci', kind: 'ci' },
    { id: 'merge', kind: 'merge' },
  ],
}

/** What holds without any file, and the lowest layer under every file. */
export const BUILT_IN_CONFIGURATION: Configuration = {
  pipelines: BUILT_IN_PIPELINES,
  roles: {},
  peers: [],
  merge: { by: 'person', method: 'squash', permissions: [...DEFAULT_PERMISSIONS] },
  limits: {},
  start: { permissions: [...DEFAULT_PERMISSIONS] },
  approve: { permissions: [...DEFAULT_PERMISSIONS], notRequester: false },
  bots: [],
  labels: { start: DEFAULT_START_LABEL },
  commands: { prefix: DEFAULT_PREFIX },
  escalateAfterMinutes: DEFAULT_ESCALATE_MINUTES,
  noChecksGraceSeconds: DEFAULT_NO_CHECKS_GRACE_SECONDS,
}
