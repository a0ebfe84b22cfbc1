import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { knownMigrations, migrate } from './migrate.ts'

/** PGlite's version, as in package.json. */
export const PGLITE_VERSION = '0.5.16'

/** Named after what decides about its files: PGlite, which lays them out, and our tables. */
export function schemaDigest(): string {
  const hash = createHash('sha256').update(PGLITE_VERSION)
  for (const migration of knownMigrations()) hash.update(migration.hash)
  return hash.digest('hex').slice(0, 16)
}

/**
 * The files of a new PGlite database with our tables and nothing in them, to start one in memory from. Making them anew
 * takes seconds of work each time, which every test file would pay; they are kept in `node_modules/.cache`, where there is
 * one to write to.
 */
export async function emptyDatabase(): Promise<Blob> {
  const file = cachedFile(`empty-${schemaDigest()}.tar`)
  const kept = await readFile(file).catch(() => null)
  if (kept !== null) return new Blob([kept])
  const pglite = await PGlite.create()
  await migrate(drizzle(pglite))
  const files = await pglite.dumpDataDir('none')
  await pglite.close()
  await keepWhole(file, async (part) => writeFile(part, new Uint8Array(await files.arrayBuffer()))).catch(() => undefined)
  return files
}

/** Where a file is kept that can be made anew. */
export function cachedFile(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/.cache/switchyard/${name}`, import.meta.url))
}

/** Writes a file that has its name only when it is whole: several processes may do this at once. */
export async function keepWhole(file: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  try {
    await write(part)
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
