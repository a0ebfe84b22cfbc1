/** A registry of npm on loopback, as far as an audit asks it: the advisories in bulk, and what each package is. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

/** A hole as the registry tells it, by the package's name. */
export interface Advisory {
  readonly package: string
  readonly severity: 'low' | 'moderate' | 'high' | 'critical'
  readonly versions: string
}

/** The packages of a lock file, by their place. */
export type Locked = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Registry {
  readonly url: string
  /** The packages that were asked about. */
  readonly asked: ReadonlySet<string>
  close(): Promise<void>
}

const BULK = '/-/npm/v1/security/advisories/bulk'
const Asked = z.record(z.string(), z.array(z.string()))

/** Starts it; `served: false` is one that does not know the question, as many of those that stand in front of npm's. */
export async function startRegistry(locked: Locked, advisories: readonly Advisory[], served = true): Promise<Registry> {
  const asked = new Set<string>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === BULK && request.method === 'POST' && served) {
      const raw = Buffer.concat(chunks)
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
      const names = Object.keys(Asked.parse(JSON.parse(text.toString('utf8'))))
      for (const name of names) asked.add(name)
      return json(200, Object.fromEntries(advisories.filter((each) => names.includes(each.package)).map(told)))
    }
    const packument = request.method === 'GET' ? packumentOf(locked, decodeURIComponent(request.url?.slice(1) ?? '')) : null
    return packument === null ? json(request.method === 'GET' ? 404 : 405, { error: 'not here' }) : json(200, packument)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function told({ package: name, severity, versions }: Advisory, index: number) {
  const cvss = { score: 0, vectorString: null }
  const of = { id: index + 1, url: `https://advisories.test/${index + 1}`, title: 'A hole', cwe: [], cvss }
  return [name, [{ ...of, severity, vulnerable_versions: versions }]]
}

/** As the lock file has the package: what depends on a package with a hole may have one too, so npm looks. */
function packumentOf(locked: Locked, name: string) {
  const [, found] = Object.entries(locked).find(([place]) => place === `node_modules/${name}`) ?? []
  if (found === undefined) return null
  const version = z.string().parse(found.version)
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...found, name } } }
}
