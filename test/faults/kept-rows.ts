/** Measured rows, kept from one run of `table.ts` to the next, so that one row can be measured again without the others. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Row } from './crash-table.ts'

const FILE = fileURLToPath(new URL('../../node_modules/.cache/switchyard/crash-rows.json', import.meta.url))
const Rows = z.array(
  z.object({
    backend: z.enum(['embedded', 'services']),
    point: z.string(),
    moment: z.string(),
    killed: z.string(),
    seconds: z.number().nullable(),
    result: z.string(),
  }),
)

const keyOf = ({ backend, point }: Pick<Row, 'backend' | 'point'>) => `${backend} ${point}`

/** Puts these in the place of what was measured of them before; gives all rows by backend and point. */
export async function keepRows(measured: readonly Row[]): Promise<(backend: Row['backend'], point: string) => Row | undefined> {
  const kept = await readFile(FILE, 'utf8').then(
    (text) => Rows.parse(JSON.parse(text)),
    () => [],
  )
  const rows = new Map([...kept, ...measured].map((row) => [keyOf(row), row]))
  await mkdir(dirname(FILE), { recursive: true })
  await writeFile(FILE, JSON.stringify([...rows.values()], null, 1))
  return (backend, point) => rows.get(keyOf({ backend, point }))
}
