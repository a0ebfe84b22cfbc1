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
      response.writeHead(how.status, { 'content-type': 'application/json', ...retry })
      response.end(JSON.stringify(format.error(how.status, `scripted status ${how.status}`)))
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
      stream(response).end(
        frames.map((frame, index) => (index === 1 ? 'event: content_block_start\ndata: {"type":\n\n' : frame)).join(''),
      )
      return
  }
}

function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' })
}
