/** Where sandboxed programs may connect to, by name and port; the entries are `AllowedHost` of the contract. */

/** The port of an entry that names none. */
const HTTPS_PORT = 443

/** Whether a connection to this host and port is allowed. Addresses in place of names are not, unless they are listed. */
export function isAllowed(allowed: readonly string[], host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return allowed.some((entry) => {
    const [pattern = '', given] = entry.split(':')
    if (port !== (given === undefined ? HTTPS_PORT : Number(given))) return false
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1 : name === pattern
  })
}
