/** Where sandboxed programs may connect to, by name and port. */
import { z } from 'zod'

/** The port of an entry that names none. */
const HTTPS_PORT = 443
/** Longest entry, in characters: a host name has at most 253, and then a port. */
const ENTRY_MAX = 260

const NAME = /^(\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::([1-9]\d{0,4}))?$/

/** One entry: `host`, `host:port` or `*.domain`, in lower case. A bare domain does not include what is below it. */
export const AllowedHost = z
  .string()
  .max(ENTRY_MAX)
  .toLowerCase()
  .regex(NAME, { error: 'must be a host name such as registry.example.com, *.example.com or registry.example.com:8443' })

/** Whether a connection to this host and port is allowed. Addresses in place of names are not, unless they are listed. */
export function isAllowed(allowed: readonly string[], host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return allowed.some((entry) => {
    const [pattern = '', given] = entry.split(':')
    if (port !== (given === undefined ? HTTPS_PORT : Number(given))) return false
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1 : name === pattern
  })
}
