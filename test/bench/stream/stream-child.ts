/** Reads a long stream of an agent's events, in a process of its own. Argument: its bytes. Prints a `Stream` as JSON. */
import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { openWorkshop } from '../../runner/workshop.ts'
import type { Stream } from './stream.ts'

const BYTES_PER_MIB = 1_024 * 1_024
/** Between two looks at the memory, in ms. */
const LOOK_MS = 20
const TEXT_CHARS = 1_000
const bytes = Number(process.argv[2])

const event = JSON.stringify({ type: 'text', text: 'x'.repeat(TEXT_CHARS) })
const write = (count: number): string => `yes '${event}' | head -n ${Math.ceil(count / (event.length + 1))}`
const shop = await openWorkshop()
await shop.repository('acme/api')

/** A job whose agent writes so much before its report; gives how long it took, in ms. */
async function job(count: number): Promise<number> {
  const report = `printf '{"status":"success","summary":"Done.","nonce":"%s"}' "$SWITCHYARD_NONCE" > "$SWITCHYARD_REPORT_FILE"`
  const command = ['/bin/sh', '-c', `${write(count)}\n${report}`]
  const spec = shop.spec([shop.leg('acme/api')], [], { mode: 'explore', runtime: { name: 'command', command } })
  const started = performance.now()
  const { result } = await shop.run(spec)
  if (result.status !== 'finished') throw new Error(JSON.stringify(result))
  return performance.now() - started
}

/** A plain Node process that parses the same lines. */
async function plain(): Promise<number> {
  const started = performance.now()
  const child = spawn('/bin/sh', ['-c', write(bytes)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let texts = 0
  for await (const line of createInterface({ input: child.stdout })) texts += JSON.parse(line).text.length
  if (texts < bytes / 2) throw new Error('the stream was cut')
  return performance.now() - started
}

let peak = 0
const looking = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, LOOK_MS)
// A stream's garbage is collected now and then; what counts is that a second one does not leave more of it.
await job(bytes)
const before = peak
const empty = await job(0)
const ms = Math.max(1, (await job(bytes)) - empty)
clearInterval(looking)
const floorMs = await plain()
const stream: Stream = { ms, floorMs, grewMiB: (peak - before) / BYTES_PER_MIB }
process.stdout.write(`${JSON.stringify(stream)}\n`)
await shop.close()
