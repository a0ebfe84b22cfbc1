import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'

/** Named after PGlite's version: another one may lay out its files in another way. */
function cacheFile(version: string): string {
  return fileURLToPath(new URL(`../../node_modules/.cache/switchyard/empty-pglite-${version}.tar`, import.meta.url))
}

/** PGlite's version, as in package.json. */
export const PGLITE_VERSION = '0.5.16'

/**
 * The files of a new, empty PGlite database, to start one in memory from. Making them anew takes seconds of work each
 * time, which every test file would pay; they are kept in `node_modules/.cache`, where there is one to write to.
 */
export async function emptyDatabase(): Promise<Blob> {
  const file = cacheFile(PGLITE_VERSION)
  const kept = await readFile(file).catch(() => null)
  if (kept !== null) return new Blob([kept])
  const pglite = await PGlite.create()
  const files = await pglite.dumpDataDir('none')
  await pglite.close()
  await keep(file, files).catch(() => undefined)
  return files
}

/** Under its name only when it is whole: several processes may do this at once. */
async function keep(file: string, files: Blob): Promise<void> {
  const part = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(part, new Uint8Array(await files.arrayBuffer()))
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
