import type { IncomingMessage } from 'node:http'

/** A request's body, or why there is none. */
export type Body = { status: 'read'; body: Buffer } | { status: 'too-large' } | { status: 'aborted' }

/** Reads a body of at most `max` bytes; stops reading as soon as there is more. */
export function readBody(request: IncomingMessage, max: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > max) return Promise.resolve({ status: 'too-large' })
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= max) {
        chunks.push(chunk)
        return
      }
      request.off('data', onData)
      request.pause()
      resolve({ status: 'too-large' })
    }
    request.on('data', onData)
    request.once('end', () => resolve({ status: 'read', body: Buffer.concat(chunks, size) }))
    request.once('close', () => resolve({ status: 'aborted' }))
    request.once('error', () => resolve({ status: 'aborted' }))
  })
}
