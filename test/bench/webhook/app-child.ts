/** The app as it is, told everything by its environment. Asked, it waits until every delivery has been interpreted. */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { startApp } from '../../../src/app.ts'
import { readEnvironment } from '../../../src/config/environment.ts'
import { listUnprocessed } from '../../../src/store/deliveries.ts'
import { WEBHOOK_PATH } from '../../../src/webhooks/receive.ts'
import { serveParent } from '../child.ts'

/** Between two looks at what is left, in ms. */
const LOOK_MS = 20

const app = await startApp({ environment: readEnvironment(process.env), log: pino({ level: 'warn' }, pino.destination(2)) })

async function drain(): Promise<void> {
  while ((await listUnprocessed(app.store.db, Date.now() + 1_000, 1)).length > 0) await sleep(LOOK_MS)
}

serveParent(`http://127.0.0.1:${app.port}${WEBHOOK_PATH}`, drain)
