/** Ways out of a sandbox through its proxy. */
import type { Attack, Topic } from '../attack.ts'
import { askWay, type Way, wayOf } from '../stages/proxy.ts'

const LISTED = 'Only hosts of the list are tunnelled to, by name and port.'
const LOOKED_AT =
  'The proxy resolves the name itself, refuses addresses that are not of the public internet, and connects to the very address it looked at.'

function way(name: string, how: string, stopped: string, targets: (way: Way) => readonly string[], method = 'CONNECT'): Attack {
  return {
    name,
    how,
    stopped,
    told: 'people',
    async attempt(scene) {
      const open = await wayOf(scene)
      const before = open.heard.length
      const asked = targets(open)
      const statuses: number[] = []
      for (const target of asked) statuses.push(await askWay(open, target, method))
      const got = [
        ...asked.filter((_, index) => statuses[index] === 200),
        ...open.heard.slice(before).map(() => 'the host was reached'),
        ...(asked.some((target) => (open.asked.get(target.split(':')[0] ?? '') ?? 0) > 1) ? ['a second look'] : []),
      ]
      const told = open.proxy.denied().filter(({ host }) => asked.some((target) => target.includes(host)))
      return { got, stopped: statuses.join(', '), told: told.length > 0 ? JSON.stringify(told) : null }
    },
  }
}

export const network: Topic = {
  title: 'The way out of a sandbox',
  attacks: [
    way('a host that is not listed', 'A tunnel to `evil.attacker.test:443`.', LISTED, () => ['evil.attacker.test:443']),
    way(
      'a name that looks like a listed one',
      '`registry.test.attacker.test`, `xregistry.test`, `registry.test@attacker.test`.',
      LISTED,
      () => ['registry.test.attacker.test:443', 'xregistry.test:443', 'registry.test@attacker.test:443'],
    ),
    way('another port of a listed host', 'SSH, SMTP and plain HTTP of `registry.test`.', LISTED, () => [
      'registry.test:22',
      'registry.test:25',
      'registry.test:80',
    ]),
    way(
      'the metadata service of a cloud',
      'By its address, by Google’s name, by a listed name that leads there.',
      LOOKED_AT,
      ({ port }) => ['169.254.169.254:80', 'metadata.google.internal:80', `metadata.listed.test:${port}`],
    ),
    way(
      'loopback, in every spelling',
      '`127.0.0.1`, `[::1]`, `localhost`, `0`, decimal, octal and hexadecimal.',
      LISTED,
      ({ port }) =>
        ['127.0.0.1', '[::1]', 'localhost', '0', '2130706433', '0177.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]'].map(
          (host) => `${host}:${port}`,
        ),
    ),
    way('loopback by a listed name', 'A listed name resolves to this machine.', LOOKED_AT, ({ port }) => [
      `loopback.listed.test:${port}`,
    ]),
    way(
      'the network of the house by a listed name',
      'A listed name resolves to 10.0.0.7, 192.168.1.1 and fd00::1.',
      LOOKED_AT,
      ({ port }) => [`lan.listed.test:${port}`],
    ),
    way(
      'old addresses written as new ones',
      'A listed name resolves to `::ffff:127.0.0.1`, NAT64 of it, and `::`.',
      LOOKED_AT,
      ({ port }) => [`mapped.listed.test:${port}`],
    ),
    way(
      'a name that changes between look and connection',
      'DNS rebinding: another address at the second question.',
      LOOKED_AT,
      ({ port }) => [`rebind.listed.test:${port}`],
    ),
    way(
      'a plain page through the proxy',
      '`GET http://…` in place of a tunnel, to loopback and to the metadata service.',
      'Only tunnels are made: without TLS anybody on the way could read and change what is fetched.',
      ({ port }) => [`http://127.0.0.1:${port}/`, 'http://169.254.169.254/latest/meta-data/'],
      'GET',
    ),
  ],
}
