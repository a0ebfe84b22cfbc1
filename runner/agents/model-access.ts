import { SwitchyardError } from '../../src/contract/failure.ts'
import type { AgentTask, RuntimeOptions } from './runtime.ts'

/** Whose API a model is asked by. */
export type Vendor = 'openai' | 'anthropic' | 'google'

/** Where the model is asked, and with which key. */
export interface ModelAccess {
  /** The API's address as the vendor's libraries take it: with `/v1` for OpenAI, without a path for the others. */
  url: string
  key: string
}

interface VendorSettings {
  key: string
  url: string
  address: string
  /** What follows the gateway's address. */
  path: string
}

const VENDORS: Readonly<Record<Vendor, VendorSettings>> = {
  openai: { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL', address: 'https://api.openai.com/v1', path: '/v1' },
  anthropic: { key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL', address: 'https://api.anthropic.com', path: '' },
  google: {
    key: 'GEMINI_API_KEY',
    url: 'GOOGLE_GEMINI_BASE_URL',
    address: 'https://generativelanguage.googleapis.com',
    path: '',
  },
}

/** The variables of the runner's environment that hold a vendor's key. */
export const VENDOR_KEYS: Readonly<Record<Vendor, string>> = {
  openai: VENDORS.openai.key,
  anthropic: VENDORS.anthropic.key,
  google: VENDORS.google.key,
}

/**
 * The gateway of the task, which every job has where the runner has a key; else, as where an agent is started without a job, the
 * runner's own key. Throws a `SwitchyardError` of cause `config` when there is neither.
 */
export function modelAccess(vendor: Vendor, task: Pick<AgentTask, 'gateway'>, options: RuntimeOptions): ModelAccess {
  const { key, url, address, path } = VENDORS[vendor]
  if (task.gateway !== undefined) return { url: `${task.gateway.url.replace(/\/+$/, '')}${path}`, key: task.gateway.token }
  const own = options.env[key]
  if (own === undefined) {
    throw new SwitchyardError({ cause: 'config', message: `${key} is not set in the environment of the runner.` })
  }
  return { url: options.env[url] ?? address, key: own }
}
