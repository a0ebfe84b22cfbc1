/** `npm run simulate -- --runs N --seed S`: simulated runs with every invariant checked after every event. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'
import { count, createTally, histogram } from './tally.ts'

/** How often the progress line is written, in ms. */
const PROGRESS_MS = 2_000

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
})
const [runs, seed] = [Number(values.runs), Number(values.seed)]
const tally = createTally()
const started = performance.now()
let told = started

function progress(): string {
  const seconds = (performance.now() - started) / 1_000
  return `${tally.runs} of ${runs} runs, ${tally.events} events, ${seconds.toFixed(1)} s`
}

for (let index = 0; index < runs; index += 1) {
  try {
    count(tally, simulate(seed + index))
  } catch (error) {
    process.stdout.write(`${progress()}\n\n${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
  if (performance.now() - told > PROGRESS_MS) {
    told = performance.now()
    process.stderr.write(`${progress()}\n`)
  }
}
process.stdout.write(`${progress()}, seeds ${seed} to ${seed + runs - 1}: no invariant broken\n\n`)
process.stdout.write(`How they ended\n${histogram(tally.ends)}\n\nWhat happened on the way\n${histogram(tally.seen)}\n`)
