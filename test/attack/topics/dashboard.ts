/** Requests to the dashboard from elsewhere, or by another site in somebody's browser. */
import { request } from 'node:http'
import type { Yard } from '../../e2e/harness.ts'
import type { Attack, Topic } from '../attack.ts'
import { postedOf } from '../stages/posted.ts'
import { secretOf } from '../stages/webhook.ts'
import { yardOf } from '../stages/yard.ts'

interface Page {
  readonly status: number
  readonly body: string
  readonly headers: NodeJS.Dict<string | string[]>
}

function ask(
  yard: Yard,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: yard.world.port, path, method, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
    })
    asked.once('error', reject)
    asked.end()
  })
}

const LOOPBACK = 'Without a sign-in it answers this machine only: by address, by name, and not through a proxy.'

/** Requests that must show nothing. */
function refused(
  name: string,
  how: string,
  stopped: string,
  asks: readonly [path: string, options?: Parameters<typeof ask>[2]][],
): Attack {
  return {
    name,
    how,
    stopped,
    told: 'asker',
    async attempt(scene) {
      const yard = await yardOf(scene)
      const pages = await Promise.all(asks.map(([path, options]) => ask(yard, path, options)))
      const got = pages
        .filter(({ status, body }) => status < 400 || body.includes('acme/solo'))
        .map(({ status }) => `answered ${status}`)
      return {
        got,
        stopped: pages.map(({ status }) => status).join(', '),
        told: pages.map(({ status }) => `HTTP ${status}`).join(', '),
      }
    },
  }
}

export const dashboard: Topic = {
  title: 'The dashboard',
  attacks: [
    refused('a foreign name that leads here', 'DNS rebinding: the page is asked for under `evil.attacker.test`.', LOOPBACK, [
      ['/', { headers: { host: 'evil.attacker.test' } }],
      ['/queue', { headers: { host: 'localhost.attacker.test' } }],
      ['/runs/abcd/log', { headers: { host: '127.0.0.1.attacker.test' } }],
    ]),
    refused('through a proxy', 'With the headers of proxies and tunnels.', LOOPBACK, [
      ['/', { headers: { 'x-forwarded-for': '203.0.113.9' } }],
      ['/', { headers: { via: '1.1 tunnel' } }],
    ]),
    refused(
      'a form of another site',
      'POST, PUT and DELETE to runs and deliveries, with another site’s `Origin`.',
      'The dashboard only reads: nothing can be done by it.',
      [
        ['/runs/abcd/stop', { method: 'POST', headers: { origin: 'https://evil.attacker.test' } }],
        ['/deliveries', { method: 'POST', headers: { origin: 'https://evil.attacker.test' } }],
        ['/runs/abcd', { method: 'DELETE', headers: { origin: 'null' } }],
        ['/queue', { method: 'PUT' }],
      ],
    ),
    refused(
      'files by their paths',
      '`../`, encoded and double-encoded, below pages and assets.',
      'Addresses are a short list; none is made into a path of a file.',
      [
        ['/../package.json'],
        ['/assets/..%2f..%2fpackage.json'],
        ['/runs/..%2f..%2fetc%2fpasswd'],
        ['/runs/%252e%252e/log.txt'],
      ],
    ),
    {
      name: 'a script by another’s words',
      how: 'An issue’s title, an agent’s report and its log with `<script>` and attributes in them.',
      stopped: 'Every value is escaped where it is put in, and no inline script is run: the page’s policy forbids it.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const { page } = await postedOf(scene)
        const task = yard.task({ title: '"><script>alert(1)</script><img src=x onerror=alert(2)>', label: 'switchyard:ask' })
        const status = await task.status()
        const own = await ask(yard, `/runs/${/status run=(\w+)/.exec(status)?.[1] ?? ''}`)
        const policy = String(own.headers['content-security-policy'] ?? '')
        const got = [
          ...([page, own.body].some((html) => /<script>alert|<img src=x/.test(html)) ? ['a script'] : []),
          ...(/unsafe-inline|unsafe-eval/.test(policy) || !policy.includes("default-src 'none'")
            ? ['inline scripts may run']
            : []),
        ]
        return { got, stopped: own.body.includes('&lt;script&gt;') ? 'escaped' : '', told: null }
      },
    },
    {
      name: 'a page in a frame',
      how: 'Another site shows the dashboard in a frame, and has somebody click.',
      stopped: 'Pages forbid being framed.',
      told: 'nobody',
      async attempt(scene) {
        const { headers } = await ask(await yardOf(scene), '/')
        const forbids =
          headers['x-frame-options'] === 'DENY' && String(headers['content-security-policy']).includes("frame-ancestors 'none'")
        return { got: forbids ? [] : ['a frame'], stopped: 'X-Frame-Options: DENY', told: null }
      },
    },
    {
      name: 'secrets on pages',
      how: 'Every page is searched for the App’s key, the webhook secret and the runners’ secret.',
      stopped: 'Pages are made from the store, and no secret is in it.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const { task } = await postedOf(scene)
        const run = /status run=(\w+)/.exec(task.statusComment()?.body ?? '')?.[1] ?? ''
        const paths = ['/', '/queue', '/deliveries', `/runs/${run}`, `/runs/${run}/log.txt`]
        const pages = await Promise.all(paths.map((path) => ask(yard, path)))
        const secrets = [secretOf(yard), yard.app.secret, (yard.world.env.PRIVATE_KEY ?? '').split('\n')[1] ?? '']
        const got = pages.flatMap(({ body }, at) =>
          secrets.some((secret) => secret !== '' && body.includes(secret)) ? [`a secret on ${paths[at]}`] : [],
        )
        return { got, stopped: pages.every(({ status }) => status === 200) ? 'five pages without one' : '', told: null }
      },
    },
  ],
}
