/** The command line of a runner of its own: `npm run runner`. It works on the queue of an app that runs elsewhere. */
import path from 'node:path'
import process from 'node:process'
import { createRedisBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { SwitchyardError } from '../src/contract/failure.ts'
import { runtimes } from './agents/registry.ts'
import { DEFAULT_TOOLS_DIR } from './agents/tools.ts'
import { type RunnerSettings, readEnvironment } from './environment.ts'
import { startRunner } from './start-runner.ts'

/** Exit code for settings that cannot be used (sysexits.h: EX_CONFIG). */
const EXIT_CONFIG = 78
/** Exit code after a second signal: 128 and the number of SIGINT. */
const EXIT_INTERRUPTED = 130
/** Longest stop, in ms: the jobs' time to be handed back, and some for telling of it. */
const STOP_WITHIN_MS = 19_000

async function main(): Promise<void> {
  const read = readEnvironment(process.env)
  if (!read.ok) {
    process.stderr.write(`The runner cannot start:\n${read.faults.map((fault) => `- ${fault}\n`).join('')}`)
    process.exitCode = EXIT_CONFIG
    return
  }
  await run(read.settings)
}

async function run(settings: RunnerSettings): Promise<void> {
  const log = pino({ level: settings.logLevel, errorKey: 'error' })
  const connection = new Redis(settings.redisUrl, { maxRetriesPerRequest: null })
  connection.on('error', (error) => log.warn({ error }, 'redis error'))
  const runner = await startRunner({
    ...settings,
    queue: { connection, prefix: settings.prefix, factory: createRedisBackend },
    runtimes: runtimes({ env: process.env, toolsDir: path.resolve(DEFAULT_TOOLS_DIR) }),
    log,
  })
  let stopping = false
  const stop = async (): Promise<void> => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(EXIT_INTERRUPTED)
    stopping = true
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    await runner.stop()
    // What still waits for something (a git that hangs, a queue that is away) does not keep this process.
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop())
}

try {
  await main()
} catch (error) {
  // What its owner can mend is said in a sentence; everything else with its stack.
  if (!(error instanceof SwitchyardError && error.failure.cause === 'config')) throw error
  process.stderr.write(`The runner cannot start: ${error.message}\n`)
  process.exit(EXIT_CONFIG)
}
