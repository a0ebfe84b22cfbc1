import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { BULLMQ_VERSION } from '../../test/support/database-folder.ts'
import { PGLITE_VERSION } from './empty-database.ts'

test('the kept databases are of the PGlite and the BullMQ that are installed', async () => {
  const { dependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(dependencies['@electric-sql/pglite']).toBe(PGLITE_VERSION)
  expect(dependencies.bullmq).toBe(BULLMQ_VERSION)
})
