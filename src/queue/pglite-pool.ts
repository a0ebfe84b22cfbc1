/**
 * PGlite in the shape of a `pg.Pool`, for BullMQ's PostgreSQL backend. There is one connection, and the store's
 * transactions run on it too. So every query goes through PGlite's own queue, which lets nothing into an open
 * transaction; BullMQ's commands are single statements, so none of them needs a transaction of its own.
 */
import { EventEmitter } from 'node:events'
import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { PgPool, PgPoolClient, PgQueryable, PgQueryResult } from 'bullmq'

/** BullMQ's subscription commands: comments, then `LISTEN` and the channel. */
const LISTEN = /^(?:\s*--[^\n]*\n)*\s*LISTEN\s+([a-z_]+)\s*;?\s*$/

/** A pool whose clients all share the one connection. Ending it leaves PGlite open: the store closes it. */
export function pglitePool(pglite: PGlite): PgPool {
  return new PglitePool(pglite)
}

class PglitePool extends EventEmitter implements PgPool {
  readonly #pglite: PGlite

  constructor(pglite: PGlite) {
    super()
    this.#pglite = pglite
    this.setMaxListeners(0)
  }

  query<R>(text: string, params: readonly unknown[] = []): Promise<PgQueryResult<R>> {
    return this.#pglite.query<R>(text, [...params])
  }

  async connect(): Promise<PgPoolClient> {
    return new PgliteClient(this.#pglite)
  }

  async end(): Promise<void> {
    this.removeAllListeners()
  }
}

/** A client that can subscribe; it hands notifications on as node-postgres does. */
class PgliteClient extends EventEmitter implements PgPoolClient {
  readonly #pglite: PGlite
  readonly #unsubscribe: (() => Promise<void>)[] = []

  constructor(pglite: PGlite) {
    super()
    this.#pglite = pglite
    this.setMaxListeners(0)
  }

  async query<R>(text: string, params: readonly unknown[] = []): Promise<PgQueryResult<R>> {
    const channel = LISTEN.exec(text)?.[1]
    if (channel === undefined) return this.#pglite.query<R>(text, [...params])
    this.#unsubscribe.push(
      await this.#pglite.listen(channel, (payload) => {
        this.emit('notification', { channel, payload })
      }),
    )
    return { rows: [], rowCount: 0 }
  }

  release(): void {
    this.removeAllListeners()
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe().catch(() => undefined)
  }
}

/**
 * An open transaction as the session for BullMQ's `runMigrations`, whose own begin and commit then have nothing to do.
 * Its migration files are scripts of many statements, without parameters and without rows.
 */
export function sessionOf(tx: Transaction): PgQueryable {
  return {
    async query<R>(text: string, params: readonly unknown[] = []): Promise<PgQueryResult<R>> {
      if (/^(?:BEGIN|COMMIT|ROLLBACK)$/.test(text)) return { rows: [] }
      if (params.length > 0 || /^\s*select/i.test(text)) return tx.query<R>(text, [...params])
      await tx.exec(text)
      return { rows: [] }
    },
  }
}
