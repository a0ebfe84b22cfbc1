/** A workflow's script: what a call costs that ends at once, what it takes to go on after a restart, what is left behind. */
import { startScript } from '../../src/effects/workflow/live-script.ts'
import { replayScript } from '../../src/effects/workflow/replay-script.ts'
import { openWorkflow } from '../../src/workflow/open-workflow.ts'
import type { WorkflowInterpreter } from '../../src/workflow/progress.ts'
import { recordScript } from '../workflow/journal.ts'
import { type Bench, bySize } from './bench.ts'
import { heldMiB } from './held.ts'
import { alternate, median, timed } from './measure.ts'
import { openBare, rateOf } from './queue.ts'
import type { Row } from './row.ts'

/** Agents that a workflow has at work at the same time. */
const AT_ONCE = 16
const REPLAY_TARGET_S = 2
/** How much more may be held after many workflows than after the first ones. */
const FLAT_RATIO = 1.2
const WARM_ROUNDS = 2

export const workflow: Bench = {
  name: 'workflow',
  title: 'A workflow whose agents return at once',
  against: 'bare BullMQ on Redis with an empty processor, as many jobs, so many at a time',
  async run({ size, tell }) {
    const calls = bySize(size, { quick: 50, default: 1_000, full: 1_000 })
    const rounds = bySize(size, { quick: 1, default: 5, full: 9 })
    const rows: Row[] = []

    tell('calls')
    const url = process.env.REDIS_URL
    const bare = url === undefined ? null : await openBare(url)
    const sides = [() => callsPerSecond(calls), ...(bare === null ? [] : [() => rateOf(bare, calls / 2)])]
    const [ours = [], floor = []] = await alternate(rounds, sides)
    await bare?.close()
    const what = `calls of a script, ${AT_ONCE} at a time, each ended at once`
    rows.push({ kind: 'figure', what, unit: 'per s', ours: median(ours), floor: bare === null ? null : median(floor) })

    tell('replay')
    const [took = []] = await alternate(rounds, [() => replayTakes(calls)])
    const target = { kind: 'at-most', value: REPLAY_TARGET_S } as const
    rows.push({ kind: 'figure', what: `replay of ${calls} calls`, unit: 's', ours: median(took), floor: null, target })

    tell('memory')
    rows.push(await memoryLeft(calls, bySize(size, { quick: 3, default: 20, full: 100 })))
    return rows
  },
}

const SOURCE = `export const meta = { name: 'bench', description: 'Asks for many agents.' }
export default async function ({ agent, parallel, phase }) {
  phase('Work')
  const results = await parallel(Array.from({ length: COUNT }, (_, n) => () => agent('Do the thing number ' + n, { label: 'thing ' + n })))
  return results.filter((result) => result !== null).length
}
`

function open(calls: number): Promise<WorkflowInterpreter> {
  return openWorkflow({ name: 'bench', source: SOURCE.replace('COUNT', String(calls)), args: {}, limits: { calls } })
}

/** Runs a script to its end, told of so many at a time. */
async function run(calls: number, interpreter: WorkflowInterpreter): Promise<void> {
  let progress = await interpreter.start()
  const left = [...progress.calls]
  while (progress.state === 'waiting') {
    const ended = left.splice(0, AT_ONCE).map(({ index }) => ({ index, result: `what ${index} gave` }))
    const told = await interpreter.tell({ endings: ended, known: [] })
    progress = { ...told, calls: told.calls.map(({ call }) => call) }
    left.push(...progress.calls)
  }
  if (progress.state !== 'done' || progress.result !== calls)
    throw new Error(`The script ended as ${JSON.stringify(progress)}.`)
}

async function callsPerSecond(calls: number): Promise<number> {
  const interpreter = await open(calls)
  const took = await timed(() => run(calls, interpreter))
  await interpreter.dispose()
  return (calls * 1_000) / took
}

/** From nothing to where it was, opening included, in s. */
async function replayTakes(calls: number): Promise<number> {
  const first = await open(calls)
  const recording = await recordScript(first)
  for (const { index } of recording.waiting()) await recording.tell(index, { result: `what ${index} gave` })
  await first.dispose()
  const took = await timed(async () => {
    const interpreter = await open(calls)
    const script = await startScript(interpreter)
    const { told } = await replayScript(script, recording.journal)
    if (told !== calls || script.end?.state !== 'done') throw new Error(`The script was told of ${told} calls only.`)
    await interpreter.dispose()
  })
  return took / 1_000
}

async function memoryLeft(calls: number, rounds: number): Promise<Row> {
  const sizes: number[] = []
  for (let round = 0; round < WARM_ROUNDS + rounds; round += 1) {
    const interpreter = await open(calls)
    await run(calls, interpreter)
    await interpreter.dispose()
    sizes.push(heldMiB())
  }
  return {
    kind: 'figure',
    what: `held after ${WARM_ROUNDS + rounds} workflows, beside after ${WARM_ROUNDS}`,
    unit: 'MiB',
    ours: sizes.at(-1) ?? 0,
    floor: sizes[WARM_ROUNDS - 1] ?? 0,
    target: { kind: 'ratio', atMost: FLAT_RATIO },
  }
}
