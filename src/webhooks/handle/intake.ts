import type { Logger } from 'pino'
import type { Environment } from '../../config/environment.ts'
import type { Deployment } from '../../config/settings.ts'
import type { Redactor } from '../../contract/redact.ts'
import type { OpenScript } from '../../effects/advance-workflow.ts'
import type { Engine } from '../../engine/engine.ts'
import type { GitHub } from '../../github/client.ts'
import type { Identity } from '../../github/identity.ts'
import type { Store } from '../../store/store.ts'

/** What the handlers of intents need. Built once, in `app.ts`. */
export interface Intake {
  store: Store
  engine: Engine
  github: GitHub
  identity: Identity
  deployment: Deployment & Pick<Environment, 'models'>
  redactor: Redactor
  openScript: OpenScript
  log: Logger
  now(): number
  /** When this app began to listen, in ms; absent: just now. Runners need a while to report to it. */
  startedAt?: number
}

/** An intent's place: which delivery it came with, and which of its intents it is. Names everything done for it. */
export interface Source {
  delivery: string
  index: number
}

/** The key under which an event of this intent is applied to a run, once. */
export function eventKey({ delivery, index }: Source, part: string | number = 0): string {
  return `delivery:${delivery}:${index}:${part}`
}
