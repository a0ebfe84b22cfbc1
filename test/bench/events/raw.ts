/** The floor: transactions that do no more than lock a row, write it anew and note an event, on the bare driver. */
import pg from 'pg'
import { poolOptions } from '../../../src/store/open-postgres.ts'
import type { Store } from '../../../src/store/store.ts'

export interface RawStore {
  /** One transaction on the row of this number. */
  transact(row: number): Promise<void>
  close(): Promise<void>
}

const TABLES = `
  create table raw_runs (id text primary key, version integer not null, data jsonb not null);
  create table raw_events (id bigserial primary key, run_id text not null, key text not null)`
const FILL = `insert into raw_runs select 'raw' || n, 0, $1::jsonb from generate_series(0, $2::int - 1) n`
const LOCK = 'select data from raw_runs where id = $1 for update'
const UPDATE = 'update raw_runs set version = version + 1, data = $2 where id = $1'
const INSERT = 'insert into raw_events (run_id, key) values ($1, $2)'

/** So many rows, each with the same document as a run has, in the store's own database. */
export async function openRaw(store: Store, rows: number, document: string): Promise<RawStore> {
  if (store.kind === 'pglite') {
    await store.raw.exec(TABLES)
    await store.raw.query(FILL, [document, rows])
    return {
      transact: (row) =>
        store.raw.transaction(async (tx) => {
          const id = `raw${row}`
          await tx.query(LOCK, [id])
          await tx.query(UPDATE, [id, document])
          await tx.query(INSERT, [id, 'event'])
        }),
      close: async () => undefined,
    }
  }
  const pool = new pg.Pool(poolOptions(store.raw.connectionString, store.raw.schema))
  await pool.query(TABLES)
  await pool.query(FILL, [document, rows])
  return {
    async transact(row) {
      const id = `raw${row}`
      const client = await pool.connect()
      await client.query('begin')
      await client.query({ name: 'raw-lock', text: LOCK, values: [id] })
      await client.query({ name: 'raw-update', text: UPDATE, values: [id, document] })
      await client.query({ name: 'raw-insert', text: INSERT, values: [id, 'event'] })
      await client.query('commit')
      client.release()
    },
    close: () => pool.end(),
  }
}
