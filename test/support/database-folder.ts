/** Data folders with an embedded database in them that is ready to use: making one anew takes four seconds of work. */
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openQueues } from '../../src/queue/open-queue.ts'
import { cachedFile, emptyDatabase, keepWhole, schemaDigest } from '../../src/store/empty-database.ts'
import { openStore } from '../../src/store/open-store.ts'
import { outputOf } from './launch.ts'

/** The queue's tables change with BullMQ. */
export const BULLMQ_VERSION = '6.7.0'
const PREFIX = 'switchyard'

/** Puts a database with the store's tables and those of the queue `switchyard` into `DATA_DIR`. */
export async function readyDatabase(dataDir: string): Promise<void> {
  const file = cachedFile(`ready-${schemaDigest()}-${BULLMQ_VERSION}.tar`)
  const isKept = await access(file).then(
    () => true,
    () => false,
  )
  if (!isKept) await makeReady(file)
  // As the app makes it: jobs with users of their own pass through.
  await mkdir(dataDir, { recursive: true })
  await mkdir(join(dataDir, 'db'), { recursive: true, mode: 0o700 })
  await outputOf('tar', ['-x', '-f', file, '-C', join(dataDir, 'db')])
}

async function makeReady(file: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchyard-ready-'))
  const folder = join(dataDir, 'db')
  const log = pino({ level: 'silent' })
  try {
    await mkdir(folder, { mode: 0o700 })
    await outputOf('tar', ['-x', '-C', folder], { input: await (await emptyDatabase()).bytes() })
    const store = await openStore({ dataDir, log })
    const queues = await openQueues({ store, prefix: PREFIX, log })
    await queues.close()
    await store.close()
    // Its journal is mostly zeroes.
    await keepWhole(file, async (part) => void (await outputOf('tar', ['-c', '-S', '-f', part, '-C', folder, '.'])))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
