import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { failureOf } from '../contract/failure.ts'
import { rowsOf } from './db.ts'
import { migrate } from './migrate.ts'
import { openStore } from './open-store.ts'

const log = pino({ level: 'silent' })

test('a database that does not answer is named without its password, with what to do', async () => {
  const databaseUrl = 'postgres://ada:hunter2@127.0.0.1:1/yard'
  const failure = failureOf(await openStore({ databaseUrl, log }).catch((error: unknown) => error), 'internal')
  expect(failure).toMatchObject({
    cause: 'config',
    message: expect.stringContaining('DATABASE_URL (postgres://127.0.0.1:1/yard)'),
  })
  expect(JSON.stringify(failure)).not.toContain('hunter2')
})

test('an address that is none is not repeated', async () => {
  const failure = failureOf(await openStore({ databaseUrl: 'hunter2', log }).catch((error: unknown) => error), 'internal')
  expect(failure.cause).toBe('config')
  expect(failure.message).not.toContain('hunter2')
})

test('a folder that cannot be one is named, with what to do', async () => {
  const home = await mkdtemp(join(tmpdir(), 'switchyard-store-'))
  await writeFile(join(home, 'db'), 'a file')
  const failure = failureOf(await openStore({ dataDir: home, log }).catch((error: unknown) => error), 'internal')
  expect(failure).toMatchObject({ cause: 'config', message: expect.stringContaining(join(home, 'db')) })
  await rm(home, { recursive: true })
})

test('migrating again does nothing', async () => {
  const store = await openStore({ log })
  expect(await migrate(store.db)).toBe(0)
  const rows = rowsOf(z.unknown(), await store.db.execute(sql`select hash from switchyard_migrations`))
  expect(rows.length).toBeGreaterThan(0)
  await store.close()
})
