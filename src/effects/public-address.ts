import { BlockList, isIP } from 'node:net'

/**
 * IPv4 blocks that are no public place: this machine, private and link-local networks (cloud metadata among them),
 * shared, test and multicast addresses.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/**
 * Blocks within IPv6's global unicast that are no public place, or that carry an IPv4 address which nobody checked.
 *
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

/** Says of an IP address whether it is a public one. */
export function createAddressCheck(): (address: string) => boolean {
  const special = new BlockList()
  for (const [net, prefix] of SPECIAL_IPV4) special.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of SPECIAL_IPV6) special.addSubnet(net, prefix, 'ipv6')
  // Everything else of IPv6 is loopback, local, multicast, or an IPv4 address in disguise.
  const global = new BlockList()
  global.addSubnet('2000::', 3, 'ipv6')
  return (address) => {
    switch (isIP(address)) {
      case 4:
        return !special.check(address, 'ipv4')
      case 6:
        return !address.includes('%') && global.check(address, 'ipv6') && !special.check(address, 'ipv6')
      default:
        return false
    }
  }
}
