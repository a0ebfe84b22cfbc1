import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FAULTS } from './faults.ts'
import { applied } from './mutations.ts'

const ROOT = join(import.meta.dirname, '../..')

test('every fault of the mutations still fits the source', async () => {
  for (const fault of FAULTS) {
    const sound = await readFile(join(ROOT, fault.file), 'utf8')
    expect(applied(fault, sound), fault.name).not.toBe(sound)
  }
})

test('no two faults have one name', () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length)
})
