import { createAdaptorServer } from '@hono/node-server'
import { pino } from 'pino'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { type DashboardOptions, dashboard } from '../../src/web/dashboard/dashboard.ts'

export interface Served {
  store: Store
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  url: string
  port: number
  close(): Promise<void>
}

/** How often streams look at the store here, in ms. */
const LOOK_MS = 50

/** The dashboard over real HTTP on a free port, on an empty store in memory. */
export async function serveDashboard(hostname = '127.0.0.1', change: Partial<DashboardOptions> = {}): Promise<Served> {
  const log = pino({ level: 'silent' })
  const store = await openStore({ log })
  const over = new AbortController()
  const pages = dashboard({
    ...{ store, serverUrl: 'https://github.com', version: '0.1.0', now: Date.now, log },
    ...{ signal: over.signal, lookMs: LOOK_MS, ...change },
  })
  const server = createAdaptorServer({ fetch: pages.fetch })
  const listening = Promise.withResolvers<void>()
  server.listen(0, hostname, listening.resolve)
  await listening.promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    store,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      over.abort()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed.promise
      await store.close()
    },
  }
}
