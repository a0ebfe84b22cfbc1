import { access } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { LONGEST } from './longest-first.ts'

test('the files that begin first are there under these names', async () => {
  const root = new URL('../../', import.meta.url)
  await expect(Promise.all(LONGEST.map((file) => access(new URL(file, root))))).resolves.toHaveLength(LONGEST.length)
  expect(new Set(LONGEST).size).toBe(LONGEST.length)
})
