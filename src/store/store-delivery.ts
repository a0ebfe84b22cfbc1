/** The way in for what GitHub sends: committed before it is acknowledged, and many at once in one commit. */
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Db, rowsOf } from './db.ts'
import type { NewDelivery } from './deliveries.ts'
import { prepared } from './prepared.ts'
import { toJson } from './to-postgres.ts'
import { together } from './together.ts'

/** Characters of JSON that one statement takes. */
const LOT_CHARACTERS = 4 * 1024 * 1024

/** `repeated`: it was there already. GitHub gives a redelivery the id of the original. */
export type Stored = 'stored' | 'repeated'

interface Row {
  id: string
  json: string
}

/** Stores deliveries once each; those that come at the same time go together. */
export function createDeliveryStore(db: Db): (delivery: NewDelivery) => Promise<Stored> {
  const store = together<Row, Stored>({ atMost: LOT_CHARACTERS, weigh: ({ json }) => json.length }, (rows) =>
    storeRows(db, rows),
  )
  return (delivery) => store(rowOf(delivery))
}

/** Stores one delivery, unless it is there. */
export async function storeDelivery(db: Db, delivery: NewDelivery): Promise<Stored> {
  const [outcome = 'repeated'] = await storeRows(db, [rowOf(delivery)])
  return outcome
}

function rowOf(delivery: NewDelivery): Row {
  return { id: delivery.id, json: toJson(delivery) }
}

const StoredRow = z.object({ id: z.string() })

/** In the order of their ids, so that two processes with the same deliveries wait for each other and do not deadlock. */
async function storeRows(db: Db, rows: readonly Row[]): Promise<Stored[]> {
  const document = `[${rows.map(({ json }) => json).join(',')}]`
  const statement = sql`
    insert into deliveries (id, event, action, installation_id, repository_id, payload, received_at)
    select id, event, action, "installationId", "repositoryId", payload, "receivedAt"
    from jsonb_to_recordset(${document}::jsonb) as delivery(id text, event text, action text, "installationId" bigint,
      "repositoryId" bigint, payload jsonb, "receivedAt" bigint)
    order by id
    on conflict do nothing returning id`
  const stored = rowsOf(StoredRow, await prepared(db, 'switchyard-store-deliveries', statement))
  const fresh = new Set(stored.map(({ id }) => id))
  // Twice in one lot: the first one was stored.
  return rows.map(({ id }) => (fresh.delete(id) ? 'stored' : 'repeated'))
}
