import type { IncomingHttpHeaders } from 'node:http'

/** The token of an `Authorization: Bearer` header; null where there is none. */
export function bearer({ authorization }: IncomingHttpHeaders): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null
}
