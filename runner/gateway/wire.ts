/**
 * How a vendor's API looks to the gateway: which requests it passes on, where the key stands in them, which model they
 * ask, and what their answers say was used. Everything else of a request and of an answer goes through untouched.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { CallUsage, Vendor } from '../../src/contract/model-call.ts'

/** What a request is for: `generate` costs money, `count` and `list` do not. */
export type Purpose = 'generate' | 'count' | 'list'

/** A request as far as the gateway reads it. */
export interface Asked {
  readonly purpose: Purpose
  /** Null for a list of models. */
  readonly model: string | null
  /** The most that may be written, in tokens, where the request says it. */
  readonly maxOutputTokens: number | null
}

/** One vendor's wire. */
export interface Wire {
  readonly vendor: Vendor
  /** The variables of the runner's environment with the key and the address; and the address without one. */
  readonly keyVariable: string
  readonly urlVariable: string
  readonly defaultUrl: string
  /** What the request is for; null where it is none that the gateway passes on. */
  read(method: string, path: string, body: unknown): Asked | null
  /** The token that the agent presents as its key; null where there is none. */
  presented(headers: IncomingHttpHeaders, query: URLSearchParams): string | null
  /** The header that carries the real key. */
  authorise(key: string): Readonly<Record<string, string>>
  /** The body that is sent on; most are sent as they came. */
  prepare(asked: Asked, path: string, body: unknown): unknown
  /** Folds what one event of a stream, or a whole answer, says of usage into what is known. */
  usage(known: CallUsage, event: unknown): CallUsage
  /** An error in the vendor's words, which agents understand. */
  error(status: number, message: string): unknown
}
