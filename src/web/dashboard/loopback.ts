/**
 * Who may look while there is no sign-in: whoever sits at this machine. Three things are asked, because each alone can be
 * got round: where the connection comes from; the name it was addressed to (another site's name that was made to resolve
 * here, "DNS rebinding", is refused); and that no proxy passed it on, since a proxy on this machine would lend its own
 * loopback address to the whole world.
 */
import { isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { z } from 'zod'

/** Headers that proxies and tunnels add. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via', 'cf-connecting-ip'] as const

export type Refusal = 'address' | 'host' | 'proxy'

/** Lets requests from this machine through; `refused` answers the others. */
export function loopbackOnly(refused: (context: Context, why: Refusal) => Response | Promise<Response>): MiddlewareHandler {
  return async (context, next) => {
    const why = refusalOf({
      address: getConnInfo(context).remote.address,
      host: context.req.header('host'),
      proxied: PROXY_HEADERS.some((name) => context.req.header(name) !== undefined) || isOldHttp(context),
    })
    return why === null ? next() : refused(context, why)
  }
}

const Environment = z.object({ incoming: z.object({ httpVersion: z.string() }) })

/** HTTP/1.0 is spoken by no browser, but by nginx towards what it stands before, where nothing else is configured. */
function isOldHttp(context: Context): boolean {
  const { data } = Environment.safeParse(context.env)
  return data?.incoming.httpVersion === '1.0'
}

/** Why a request is not from this machine, or null when it is. */
export function refusalOf(request: {
  address: string | undefined
  host: string | undefined
  proxied: boolean
}): Refusal | null {
  if (!isLoopbackAddress(request.address ?? '')) return 'address'
  if (request.proxied) return 'proxy'
  return isLoopbackName(nameOf(request.host ?? '')) ? null : 'host'
}

function nameOf(host: string): string {
  return /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase() ?? ''
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name.replace(/^\[(.*)\]$/, '$1'))
}

function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}
