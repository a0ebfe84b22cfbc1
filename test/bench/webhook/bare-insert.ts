/** What of an acknowledgement is the durable store alone: one committed insert of the same payload, on the bare driver. */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { inParallel, timed } from '../measure.ts'

const TABLE = 'create table bench_deliveries (id text primary key, payload jsonb not null)'
const INSERT = 'insert into bench_deliveries (id, payload) values ($1, $2)'

export interface BareInsert {
  /** So many inserts, so many at once; gives each one's time in ms. */
  insert(payload: string, count: number, atOnce: number): Promise<number[]>
  close(): Promise<void>
}

/** In the app's own Postgres, or in a PGlite of its own in a folder beside the app's. */
export async function openBareInsert(databaseUrl: string | undefined, dataDir: string): Promise<BareInsert> {
  if (databaseUrl === undefined) {
    const pglite = await PGlite.create(path.join(dataDir, 'bare'))
    await pglite.exec(TABLE)
    return { insert: inserter((values) => pglite.query(INSERT, values)), close: () => pglite.close() }
  }
  const pool = new pg.Pool({ connectionString: databaseUrl })
  await pool.query(TABLE)
  return { insert: inserter((values) => pool.query(INSERT, values)), close: () => pool.end() }
}

function inserter(query: (values: string[]) => Promise<unknown>): BareInsert['insert'] {
  return async (payload, count, atOnce) => {
    const times: number[] = []
    await inParallel(count, atOnce, async () => {
      times.push(await timed(() => query([randomUUID(), payload])))
    })
    return times
  }
}
