/**
 * One HTTP request that asks a released service whether it is well. Its address comes from a repository's file, so the
 * app must not be made to ask inside its own network: every address that the name stands for is checked, and the
 * connection goes to a checked address, not to what the name stands for a moment later.
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { createAddressCheck } from './public-address.ts'

/** How long a probe may take, redirect included, in ms. */
export const PROBE_TIMEOUT_MS = 10_000
/** Redirects that are followed. */
const REDIRECTS_MAX = 1

/** `unasked`: the request was not made, so nothing is known. */
export interface ProbeResult {
  state: 'good' | 'bad' | 'unasked'
  /** A few words for people. */
  detail: string
}

export type Probe = (url: string) => Promise<ProbeResult>

export interface ProbeOptions {
  /** Loopback, private and link-local addresses may be asked too. */
  allowPrivate: boolean
  /** Overrides {@link PROBE_TIMEOUT_MS}. */
  timeoutMs?: number
  /** Gives every address of a host; the system's resolver unless told otherwise. */
  resolve?: (host: string) => Promise<string[]>
}

/** Something that makes the request pointless, in words that go on from "not asked: ". */
class Unasked extends Error {}

/** Makes the function that asks. A status of 2xx is good, everything else bad; it never throws. */
export function createProbe({ allowPrivate, timeoutMs = PROBE_TIMEOUT_MS, resolve = resolveAll }: ProbeOptions): Probe {
  const isPublic = createAddressCheck()

  const addressesOf = async (host: string): Promise<string[]> => {
    const addresses = isIP(host) === 0 ? await resolve(host) : [host]
    if (!allowPrivate && !addresses.every(isPublic)) throw new Unasked(`${host} is not a public address`)
    return addresses
  }

  const ask = async (url: URL, redirects: number, signal: AbortSignal): Promise<ProbeResult> => {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Unasked(`${url.protocol} is not HTTP`)
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const { status, location } = await get(url, host, await orAborted(addressesOf(host), signal), signal)
    if (status >= 200 && status < 300) return { state: 'good', detail: `answered ${status}` }
    const next =
      status >= 300 && status < 400 && location !== null && URL.canParse(location, url.href) ? new URL(location, url) : null
    if (next === null) return { state: 'bad', detail: `answered ${status}` }
    if (redirects === 0) return { state: 'bad', detail: `answered ${status} after a redirect already` }
    return ask(next, redirects - 1, signal)
  }

  return async (text) => {
    if (!URL.canParse(text)) return { state: 'unasked', detail: 'not asked: the address is not one' }
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      return await ask(new URL(text), REDIRECTS_MAX, signal)
    } catch (error) {
      if (error instanceof Unasked) return { state: 'unasked', detail: `not asked: ${error.message}` }
      if (signal.aborted) return { state: 'bad', detail: `no answer within ${timeoutMs / 1_000} s` }
      return { state: 'bad', detail: `no answer: ${wordOf(error)}` }
    }
  }
}

async function resolveAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/** The system's resolver cannot be told to stop, so only the waiting ends. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

interface Answer {
  status: number
  location: string | null
}

/** Asks at one of these addresses, under the host's own name. The body is not read. */
function get(url: URL, host: string, addresses: readonly string[], signal: AbortSignal): Promise<Answer> {
  const known = addresses.map((address) => ({ address, family: isIP(address) }))
  const [first] = known
  if (first === undefined) return Promise.reject(new Error('the name has no address'))
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage) => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null })
      response.destroy()
    }
    const options = {
      protocol: url.protocol,
      hostname: host,
      port: url.port,
      path: `${url.pathname}${url.search}`,
      headers: { 'user-agent': 'switchyard-probe', accept: '*/*' },
      agent: false as const,
      signal,
      lookup: (
        _host: string,
        { all }: { all?: boolean | undefined },
        done: (error: null, address: string | typeof known, family?: number) => void,
      ) => (all === true ? done(null, known) : done(null, first.address, first.family)),
    }
    const asking = url.protocol === 'https:' ? requestHttps(options, take) : requestHttp(options, take)
    asking.on('error', reject)
    asking.end()
  })
}

/** The system's own word for what failed (`ECONNREFUSED`), else the error's message. */
function wordOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code
  return (error instanceof Error ? error.message : String(error)).slice(0, 200)
}
