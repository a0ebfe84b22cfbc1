import { setTimeout } from 'node:timers/promises'
import { listDeliveries } from '../../../src/store/deliveries.ts'
import type { Yard } from '../../e2e/harness.ts'

const POLL_MS = 50
const PATIENCE_MS = 60_000

/** Waits until the app has dealt with everything that GitHub has told so far. */
export async function settled(yard: Yard): Promise<void> {
  await yard.github.idle()
  const told = new Set((await rows(yard)).map(({ id }) => id))
  for (const begun = Date.now(); ; ) {
    const open = (await rows(yard)).filter(({ id, processedAt }) => told.has(id) && processedAt === null)
    if (open.length === 0) return
    if (Date.now() - begun > PATIENCE_MS) throw new Error(`not dealt with: ${open.map(({ event }) => event).join()}`)
    await setTimeout(POLL_MS)
  }
}

function rows(yard: Yard) {
  return listDeliveries(yard.app.store.db, { limit: 1_000 })
}
