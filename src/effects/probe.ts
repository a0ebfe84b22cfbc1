/**
 * One HTTP request that asks a released service whether it is well. Its address comes from a repository's file, so it is
 * checked before it is asked (`checked-request.ts`).
 */
import { createCheckedRequest, type RequestOptions, Unasked, wordOf } from './checked-request.ts'

/** How long a probe may take, redirect included, in ms. */
export const PROBE_TIMEOUT_MS = 10_000
/** Redirects that are followed. */
const REDIRECTS_MAX = 1
const SENT = { method: 'GET', headers: { 'user-agent': 'switchyard-probe', accept: '*/*' } } as const

/** `unasked`: the request was not made, so nothing is known. */
export interface ProbeResult {
  state: 'good' | 'bad' | 'unasked'
  /** A few words for people. */
  detail: string
}

export type Probe = (url: string) => Promise<ProbeResult>

export interface ProbeOptions extends RequestOptions {
  /** Overrides {@link PROBE_TIMEOUT_MS}. */
  timeoutMs?: number
}

/** Makes the function that asks. A status of 2xx is good, everything else bad; it never throws. */
export function createProbe({ timeoutMs = PROBE_TIMEOUT_MS, ...options }: ProbeOptions): Probe {
  const request = createCheckedRequest(options)

  const ask = async (url: URL, redirects: number, signal: AbortSignal): Promise<ProbeResult> => {
    const { status, location } = await request(url, SENT, signal)
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
