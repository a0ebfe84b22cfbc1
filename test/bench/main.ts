/** `npm run bench -- [names…] [--json] [--write] [--quick | --full]`: what Switchyard costs, as multiples of something public. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Bench, Size } from './bench.ts'
import { currentLoad, describeMachine } from './machine.ts'
import { BENCHES } from './registry.ts'
import { isMet, type Row, ratioOf } from './row.ts'
import { describe, tableOf } from './table.ts'
import { writePage } from './write-page.ts'

const MS_PER_S = 1_000
const EXIT_USAGE = 2

const HELP = `npm run bench -- [NAMES] [OPTIONS]

  ${BENCHES.map(({ name, title }) => `${name.padEnd(10)} ${title}`).join('\n  ')}

  --quick   tiny sizes: shows that everything runs, the figures mean nothing
  --full    large sizes: a million past runs, ten thousand live ones
  --json    one JSON object on stdout
  --write   also into docs/bench.md, in the place of the figures there
  Postgres and Redis are measured where DATABASE_URL and REDIS_URL are set.
`

interface Options {
  benches: readonly Bench[]
  size: Size
  json: boolean
  write: boolean
}

function readOptions(): Options | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, write: { type: 'boolean' }, quick: { type: 'boolean' }, full: { type: 'boolean' } },
    })
    if (positionals.some((name) => !BENCHES.some((bench) => bench.name === name))) return null
    const benches = positionals.length === 0 ? BENCHES : BENCHES.filter(({ name }) => positionals.includes(name))
    return {
      benches,
      size: values.quick ? 'quick' : values.full ? 'full' : 'default',
      json: values.json === true,
      write: values.write === true,
    }
  } catch {
    return null
  }
}

async function run({ benches, size, json, write }: Options): Promise<void> {
  const started = performance.now()
  const machine = await describeMachine()
  const say = (text: string) => (json ? process.stderr : process.stdout).write(`${text}\n`)
  const measured: { bench: Bench; rows: Row[] }[] = []
  say(describe(machine))
  for (const bench of benches) {
    const tell = (what: string) => process.stderr.write(`${seconds(started).padStart(6)} s  ${bench.name}: ${what}\n`)
    const rows = await bench.run({ size, tell }).catch(brokenOff)
    measured.push({ bench, rows })
    say(`\n${tableOf(bench, rows)}`)
  }
  machine.load.after = currentLoad()
  say(`\nDone in ${seconds(started)} s; load ${machine.load.before} before, ${machine.load.after} after.`)
  if (write) await writePage(machine, measured)
  if (json) process.stdout.write(`${JSON.stringify({ machine, size, benches: measured.map(withVerdicts) })}\n`)
}

function withVerdicts({ bench, rows }: { bench: Bench; rows: Row[] }) {
  return {
    name: bench.name,
    rows: rows.map((row) => (row.kind !== 'figure' ? row : { ...row, ratio: ratioOf(row), met: isMet(row) })),
  }
}

/** What the other benches found is still worth having. */
function brokenOff(error: unknown): Row[] {
  process.exitCode = 1
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return [{ kind: 'failed', what: 'the whole bench', why: error instanceof Error ? error.message : String(error) }]
}

function seconds(started: number): string {
  return ((performance.now() - started) / MS_PER_S).toFixed(1)
}

const options = readOptions()
if (options === null) {
  process.stderr.write(HELP)
  process.exitCode = EXIT_USAGE
} else await run(options)
