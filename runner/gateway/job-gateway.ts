/** The gateway of one job: opened for its agent, with a token of its own, and closed with it. */
import { randomBytes } from 'node:crypto'
import type { Redactor } from '../../src/contract/redact.ts'
import type { AppClient } from '../app-client.ts'
import type { Log } from '../log.ts'
import { anthropic } from './anthropic.ts'
import { type GatewayOptions, openGateway } from './gateway.ts'
import { google } from './google.ts'
import { openai } from './openai.ts'

/** Length of a job's token, in bytes before it is written in hexadecimal. */
const TOKEN_BYTES = 32

/** What an agent is told of its gateway, and how it ends. */
export interface JobGateway {
  /** The address without a path, and the token that stands in place of a key. */
  readonly access: { readonly url: string; readonly token: string }
  /** Ends the calls that are under way, and waits until what they used is told. */
  close(): Promise<void>
}

/** Where a job's gateway listens, and the port of the agent's loopback that leads there, where it is not the same. */
export interface GatewayPlace {
  readonly listen: GatewayOptions['listen']
  readonly port?: number
}

/**
 * Opens a gateway where the runner has a key for any vendor; null where it has none, as there is nothing to keep. The app
 * is asked before every call: one of a job that is over, or that another start has, is refused.
 */
export async function openJobGateway(
  deps: { readonly app: AppClient; readonly env: Readonly<Record<string, string | undefined>>; readonly log: Log },
  job: { readonly id: string; readonly start: number; readonly redactor: Redactor },
  at: GatewayPlace = { listen: { port: 0 } },
): Promise<JobGateway | null> {
  if ([anthropic, openai, google].every(({ keyVariable }) => (deps.env[keyVariable] ?? '') === '')) return null
  const token = randomBytes(TOKEN_BYTES).toString('hex')
  job.redactor.register(token)
  const { id, start } = job
  const gateway = await openGateway({
    token,
    env: deps.env,
    log: deps.log,
    listen: at.listen,
    meter: {
      ask: (call) => deps.app.modelCall(id, { ...call, start }),
      end: (call, end) => deps.app.modelCallEnd(id, { ...end, call, start }),
    },
  })
  return { access: { url: `http://127.0.0.1:${at.port ?? gateway.port}`, token }, close: () => gateway.close() }
}
