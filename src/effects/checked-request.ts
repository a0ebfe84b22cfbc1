/**
 * One HTTP request to an address that came from outside, so that the app is not made to ask inside its own network: every
 * address that the name stands for is checked, and the connection goes to a checked one, not to what the name stands for
 * a moment later.
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { createAddressCheck } from './public-address.ts'

/** Something that makes the request pointless, in words that go on from "not asked: ". */
export class Unasked extends Error {}

export interface RequestOptions {
  /** Loopback, private and link-local addresses may be asked too. */
  allowPrivate: boolean
  /** Gives every address of a host; the system's resolver unless told otherwise. */
  resolve?: (host: string) => Promise<string[]>
}

/** What is sent. */
export interface Sent {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
}

export interface Answer {
  status: number
  location: string | null
}

/** Asks, under the host's own name. No redirect is followed and no body is read. @throws {Unasked} or what the network says */
export type CheckedRequest = (url: URL, sent: Sent, signal: AbortSignal) => Promise<Answer>

export function createCheckedRequest({ allowPrivate, resolve = resolveAll }: RequestOptions): CheckedRequest {
  const isPublic = createAddressCheck()

  const addressesOf = async (host: string): Promise<string[]> => {
    const addresses = isIP(host) === 0 ? await resolve(host) : [host]
    if (!allowPrivate && !addresses.every(isPublic)) throw new Unasked(`${host} is not a public address`)
    return addresses
  }

  return async (url, sent, signal) => {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Unasked(`${url.protocol} is not HTTP`)
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    return requestAt(url, host, await orAborted(addressesOf(host), signal), sent, signal)
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

function requestAt(url: URL, host: string, addresses: readonly string[], sent: Sent, signal: AbortSignal): Promise<Answer> {
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
      method: sent.method,
      headers: sent.headers,
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
    asking.end(sent.body)
  })
}

/** The system's own word for what failed (`ECONNREFUSED`), else the error's message. */
export function wordOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code
  return (error instanceof Error ? error.message : String(error)).slice(0, 200)
}
