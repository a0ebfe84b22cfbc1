/**
 * Leases: one at a time per name, over all processes, for as long as an action takes, without an open transaction. On
 * Postgres they are advisory locks of one session of their own, so that they end with their process, however it ends. On
 * PGlite there is one process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { poolOptions } from './open-postgres.ts'
import type { Store } from './store.ts'

/** How often to ask again for a lease that another process has, in ms. */
const ASK_AGAIN_MS = 100

export interface Leases {
  withLease<T>(name: string, act: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export function createLeases(store: Store): Leases {
  const inTurn = turns()
  if (store.kind === 'pglite') return { withLease: inTurn, close: async () => undefined }
  const { connectionString, schema } = store.raw
  // One connection: a session's advisory locks are its own, and are asked for and given back in it.
  const session = new pg.Pool({ ...poolOptions(connectionString, schema), max: 1, idleTimeoutMillis: 0 })
  session.on('error', () => undefined)
  const key = (name: string) => [`switchyard-lease:${schema}:${name}`]
  return {
    withLease: (name, act) =>
      inTurn(name, async () => {
        while (!(await ask(session, key(name)))) await sleep(ASK_AGAIN_MS)
        try {
          return await act()
        } finally {
          // A lost connection has given it back already.
          await session.query('select pg_advisory_unlock(hashtextextended($1, 0))', key(name)).catch(() => undefined)
        }
      }),
    close: () => session.end(),
  }
}

async function ask(session: pg.Pool, key: string[]): Promise<boolean> {
  const { rows } = await session.query<{ taken: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as taken', key)
  return rows[0]?.taken === true
}

/** One at a time per name within this process, in the order of asking. */
function turns(): Leases['withLease'] {
  const last = new Map<string, Promise<unknown>>()
  return async (name, act) => {
    const before = last.get(name) ?? Promise.resolve()
    const mine = before.then(act, act)
    const settled = mine.catch(() => undefined)
    last.set(name, settled)
    try {
      return await mine
    } finally {
      if (last.get(name) === settled) last.delete(name)
    }
  }
}
