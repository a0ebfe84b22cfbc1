import type { ServerResponse } from 'node:http'
import type { Wire } from './wire.ts'

/** Answers an agent with an error in its vendor's words, and that trying again is of no use. */
export function refuse(response: ServerResponse, wire: Wire, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' })
  response.end(JSON.stringify(wire.error(status, message)))
}
