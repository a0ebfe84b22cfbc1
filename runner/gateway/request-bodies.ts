import type { IncomingMessage, ServerResponse } from 'node:http'

/** What the requests of one job may have, in bytes: each of them, and those that wait for their answers together. */
export interface BodyLimits {
  readonly each: number
  readonly together: number
}

/** The body of a request, or which limit it passes. */
export type Body = { readonly raw: Buffer } | { readonly over: keyof BodyLimits }

/**
 * Makes the reader of a job's requests. The runner holds them for all its jobs, so one job must not fill its memory, with one
 * request or with many that never end. What a request holds is free again when its answer is closed.
 */
export function createRequestBodies(limits: BodyLimits): (request: IncomingMessage, response: ServerResponse) => Promise<Body> {
  let held = 0
  return async (request, response) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let closed = false
    response.once('close', () => {
      closed = true
      held -= bytes
    })
    // Not destroyed at the limit: it has to be told.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      // What still comes then would be counted back by nobody.
      if (closed) break
      bytes += chunk.length
      held += chunk.length
      if (bytes > limits.each) return { over: 'each' }
      if (held > limits.together) return { over: 'together' }
      chunks.push(chunk)
    }
    return { raw: Buffer.concat(chunks) }
  }
}
