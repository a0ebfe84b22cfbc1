/** What the model gateway adds to a streamed call: the job's token, the question to the app, the ledger, and the way through. */
import { createAppClient } from '../../../runner/app-client.ts'
import { openJobGateway } from '../../../runner/gateway/job-gateway.ts'
import { createRedactor } from '../../../src/contract/redact.ts'
import { type Combination, clearPlace, log, makePlace, missingFor, openStoreAt } from '../../conformance/combinations.ts'
import { startModel } from '../../model/server.ts'
import { type Bench, bySize } from '../bench.ts'
import { alternate, median } from '../measure.ts'
import type { Row } from '../row.ts'
import { openPayingJob } from './paying-job.ts'

const MODEL = 'claude-sonnet-4-5'
const KEY = 'the key of the vendor'
/** What the model says in one answer, in characters: a long paragraph. */
const ANSWER_CHARS = 4_000

const STORES: { what: string; combination: Combination }[] = [
  { what: 'Postgres', combination: { store: 'postgres', queue: 'store' } },
  { what: 'PGlite', combination: { store: 'pglite', queue: 'store' } },
]

/** How long a call took to its first byte and to its last, in ms. */
interface Took {
  first: number
  last: number
}

export const gateway: Bench = {
  name: 'gateway',
  title: 'A streamed call of a model through the gateway',
  against: 'the same call, made of the scripted model directly; it answers at once, so all that is measured is the way',
  async run({ size, tell }) {
    const calls = bySize(size, { quick: 3, default: 100, full: 500 })
    const rounds = bySize(size, { quick: 1, default: 5, full: 9 })
    const model = await startModel({ script: () => ({ say: 'x'.repeat(ANSWER_CHARS) }) })
    try {
      const rows: Row[] = []
      for (const { what, combination } of STORES) {
        const missing = missingFor(combination)
        if (missing === null) {
          tell(`books on ${what}`)
          rows.push(...(await compared(what, combination, model.url, calls, rounds)))
        } else rows.push({ kind: 'skipped', what, why: `${missing} is not set` })
      }
      return rows
    } finally {
      await model.close()
    }
  },
}

async function compared(
  what: string,
  combination: Combination,
  modelUrl: string,
  calls: number,
  rounds: number,
): Promise<Row[]> {
  const place = await makePlace(combination, { folder: false })
  const store = await openStoreAt(place)
  const job = await openPayingJob(store)
  const app = createAppClient({ appUrl: job.appUrl, secret: job.secret })
  const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: modelUrl }
  const opened = await openJobGateway({ app, env, log }, { id: job.id, start: job.start, redactor: createRedactor([]) })
  try {
    if (opened === null) throw new Error('the gateway has a key')
    const { url, token } = opened.access
    const sides = [() => inTurn(calls, url, token), () => inTurn(calls, modelUrl, KEY)]
    // The first calls of each load code and open connections.
    for (const side of sides) await side()
    const [ours = [], floor = []] = (await alternate(rounds, sides)).map((measured) => measured.flat())
    const figure = (name: string, read: (took: Took) => number): Row => {
      const [our, direct] = [median(ours.map(read)), median(floor.map(read))]
      const note = `${(our - direct).toFixed(1)} ms more`
      return { kind: 'figure', what: `books on ${what}, to the ${name}, p50`, unit: 'ms', ours: our, floor: direct, note }
    }
    return [figure('first byte', ({ first }) => first), figure('last byte', ({ last }) => last)]
  } finally {
    await opened?.close()
    await job.close()
    await store.close()
    await clearPlace(place)
  }
}

async function inTurn(calls: number, url: string, key: string): Promise<Took[]> {
  const took: Took[] = []
  for (let nth = 0; nth < calls; nth += 1) took.push(await call(url, key))
  return took
}

async function call(url: string, key: string): Promise<Took> {
  const messages = [{ role: 'user', content: 'Go on.' }]
  const body = JSON.stringify({ model: MODEL, max_tokens: 1_000, stream: true, messages, tools: [{ name: 'x' }] })
  const headers = { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  const started = performance.now()
  const answer = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body })
  if (!answer.ok || answer.body === null) throw new Error(`the call was answered ${answer.status}: ${await answer.text()}`)
  let first: number | null = null
  for await (const chunk of answer.body) if (chunk.length > 0) first ??= performance.now() - started
  const last = performance.now() - started
  return { first: first ?? last, last }
}
