import type { Logger } from 'pino'
import type { Redactor } from '../contract/redact.ts'
import type { GitHub } from '../github/client.ts'
import type { Identity } from '../github/identity.ts'
import type { Store } from '../store/store.ts'

/** What the effects that speak with GitHub need. Built once, in `app.ts`. */
export interface GitHubEffects {
  github: GitHub
  identity: Identity
  store: Store
  redactor: Redactor
  log: Logger
  now(): number
}

/** What showing a run needs besides. */
export interface ShowDependencies extends GitHubEffects {
  /** The web address of GitHub, without a slash at its end. */
  serverUrl: string
  /** A run's page on the dashboard; null when people cannot reach it. */
  runUrl(run: string): string | null
}
