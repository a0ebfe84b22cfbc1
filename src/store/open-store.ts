import { migrate } from './migrate.ts'
import { openPglite } from './open-pglite.ts'
import { openPostgres } from './open-postgres.ts'
import { DEFAULT_SCHEMA, type Store, type StoreLog } from './store.ts'

export interface StoreOptions {
  /** `DATABASE_URL`: Postgres. Absent: the embedded database. */
  databaseUrl?: string | undefined
  /** `DATA_DIR`: where the embedded database's folder is. Absent: in memory, for tests. */
  dataDir?: string | undefined
  schema?: string | undefined
  log: StoreLog
}

/**
 * Opens the store and brings its schema up to date.
 *
 * @throws SwitchyardError `config`, in words for whoever started the program.
 */
export async function openStore({ databaseUrl, dataDir, schema = DEFAULT_SCHEMA, log }: StoreOptions): Promise<Store> {
  const store = databaseUrl === undefined ? await openPglite(dataDir) : await openPostgres(databaseUrl, schema, log)
  try {
    const applied = await migrate(store.db)
    log.info({ kind: store.kind, migrations: applied }, 'Store opened')
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}
