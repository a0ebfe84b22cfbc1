import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { PGLITE_VERSION } from './empty-database.ts'

test('the kept database is of the PGlite that is installed', async () => {
  const { dependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(dependencies['@electric-sql/pglite']).toBe(PGLITE_VERSION)
})
