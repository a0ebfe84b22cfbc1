import { createHash } from 'node:crypto'
import { inArray } from 'drizzle-orm'
import type { Instant } from '../pipeline/model.ts'
import type { Db } from './db.ts'
import { workflowScripts } from './tables/workflows.ts'

/** What a script is kept under. */
export function scriptHash(source: string): string {
  return createHash('sha256').update(source).digest('hex')
}

/** Keeps scripts for the runs that are started with them; one that is kept already stays as it is. Gives hashes by name. */
export async function keepScripts(
  db: Db,
  scripts: Readonly<Record<string, string>>,
  at: Instant = Date.now(),
): Promise<Record<string, string>> {
  const named = Object.entries(scripts).map(([name, source]) => ({ name, source, hash: scriptHash(source) }))
  if (named.length > 0) {
    const rows = new Map(named.map(({ hash, source }) => [hash, { hash, source, at }]))
    await db
      .insert(workflowScripts)
      .values([...rows.values()])
      .onConflictDoNothing()
  }
  return Object.fromEntries(named.map(({ name, hash }) => [name, hash]))
}

/** The scripts of these hashes, by name. What is not there is left out. */
export async function readScripts(db: Db, hashes: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const wanted = Object.values(hashes)
  if (wanted.length === 0) return {}
  const rows = await db.select().from(workflowScripts).where(inArray(workflowScripts.hash, wanted))
  const sources = new Map(rows.map(({ hash, source }) => [hash, source]))
  return Object.fromEntries(
    Object.entries(hashes).flatMap(([name, hash]) => {
      const source = sources.get(hash)
      return source === undefined ? [] : [[name, source]]
    }),
  )
}
