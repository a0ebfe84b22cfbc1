import type { ServerResponse } from 'node:http'
import type { Misbehaviour, ModelRequest, Reply, WireFormat } from './script.ts'

/** Answers wrongly, in the way that is asked for. `reply` is what a right answer would have been. */
export function misbehave(
  response: ServerResponse,
  format: WireFormat,
  request: ModelRequest,
  reply: Reply,
  how: Misbehaviour,
): void {
  const frames = format.frames(reply, request)
  const half = frames.slice(0, Math.ceil(frames.length / 2)).join('')
  switch (how.kind) {
    case 'status': {
      const retry = how.retryAfterSeconds === undefined ? {} : { 'retry-after': String(how.retryAfterSeconds) }
      refuse(response, how.status, format.error(how.status, `scripted status ${how.status}`), retry)
      return
    }
    case 'overloaded':
      refuse(response, format.overloaded, format.error(format.overloaded, 'scripted overload'))
      return
    case 'context-overflow': {
      const { status, body } = format.overflow()
      refuse(response, status, body)
      return
    }
    case 'stall':
      stream(response).write(half)
      return
    case 'torn':
      stream(response).write(half + (frames.at(-2) ?? '').slice(0, 20), () => response.destroy())
      return
    case 'truncated':
      stream(response).end(half)
      return
    case 'malformed':
      stream(response).end(frames.map((frame, index) => (index === 1 ? malformed(frame) : frame)).join(''))
      return
  }
}

/** The event's JSON breaks off behind its first colon. */
function malformed(frame: string): string {
  return frame.replace(/^(data: [^:]*:).*$/m, '$1')
}

function refuse(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' })
}
