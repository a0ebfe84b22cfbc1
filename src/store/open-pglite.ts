import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { SwitchyardError } from '../contract/failure.ts'
import { emptyDatabase } from './empty-database.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import type { PgliteStore } from './store.ts'

/** The database's folder within `DATA_DIR`. */
const FOLDER = 'db'

/**
 * Opens PGlite in `dataDir`, which only one process may do, or in memory.
 *
 * @throws SwitchyardError `config` when another process has the folder, or when it cannot be opened.
 */
export async function openPglite(dataDir: string | undefined): Promise<PgliteStore> {
  if (dataDir === undefined) return wrap(await PGlite.create({ loadDataDir: await emptyDatabase() }), null)
  const folder = join(dataDir, FOLDER)
  const lock = await lockFolder(folder)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return wrap(await PGlite.create(folder), lock)
  } catch (error) {
    await lock.release()
    throw new SwitchyardError(
      {
        cause: 'config',
        message: `The embedded database in ${folder} cannot be opened. Check that the folder is writable, or give another one with DATA_DIR.`,
      },
      { cause: error },
    )
  }
}

function wrap(pglite: PGlite, lock: FolderLock | null): PgliteStore {
  return {
    kind: 'pglite',
    db: drizzle(pglite),
    raw: pglite,
    async ping() {
      await pglite.query('select 1')
    },
    async close() {
      await pglite.close()
      await lock?.release()
    },
  }
}
