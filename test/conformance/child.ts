/**
 * A process of its own over a place: what it does is its first argument, the place its second (JSON). It tells what it
 * did in lines on stdout; the test kills it.
 */
import { writeSync } from 'node:fs'
import process from 'node:process'
import { storeDelivery } from '../../src/store/store-delivery.ts'
import { openQueuesAt, openStoreAt, type Place } from './combinations.ts'

const place: Place = JSON.parse(process.argv[3] ?? '')
const say = (line: string) => writeSync(1, `${line}\n`)

const store = await openStoreAt(place)
switch (process.argv[2]) {
  case 'open':
    say('open')
    setInterval(() => undefined, 60_000)
    break
  case 'write':
    await write()
    break
  case 'hold':
    await work(() => new Promise(() => undefined))
    break
  case 'block':
    await work(async () => {
      blockFor(3_000)
      await new Promise((resolve) => setTimeout(resolve, 1))
      say('done')
    })
    break
}

/** Stores deliveries one after the other and says each when it was acknowledged, then queued. */
async function write(): Promise<void> {
  const queues = await openQueuesAt(place, store)
  for (let n = 0; ; n++) {
    const id = `delivery-${n}`
    await storeDelivery(store.db, {
      id,
      event: 'ping',
      action: null,
      installationId: null,
      repositoryId: null,
      payload: { n },
      receivedAt: n,
    })
    say(`stored ${id}`)
    await queues.addDelivery(id)
    say(`queued ${id}`)
  }
}

async function work(act: () => Promise<void>): Promise<void> {
  const queues = await openQueuesAt(place, store)
  queues.createWorker(
    'deliveries',
    async ({ delivery }) => {
      say(`active ${delivery}`)
      await act()
    },
    { concurrency: 1 },
  )
  await queues.addDelivery('held')
}

/** Blocks the event loop, as a long computation does. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
