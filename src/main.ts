#!/usr/bin/env node
/** The command line of the app. */
import process from 'node:process'
import { Command } from 'commander'
import pino from 'pino'
import { startApp } from './app.ts'
import { type Environment, readEnvironment } from './config/environment.ts'
import { SwitchyardError } from './contract/failure.ts'
import { VERSION } from './contract/version.ts'
import { startBoth } from './start.ts'
import { openStore } from './store/open-store.ts'

/** A second signal ends the process at once; this is how long the first one may take, in ms. */
const STOP_WITHIN_MS = 25_000

const program = new Command('switchyard')
  .description('A labelled issue comes back as reviewed, tested, merged pull requests.')
  .version(VERSION)

program
  .command('start', { isDefault: true })
  .description('app and runner in one process')
  .action(() => serve((environment, log) => startBoth(environment, log), {}))
program
  .command('app')
  .description('the app alone; runners are started by `npm run runner`')
  .action(() => serve((environment, log) => startApp({ environment, log }), { separateRunner: true }))
program
  .command('migrate')
  .description('brings the store up to date, and ends')
  .action(async () => {
    const environment = readEnvironment(process.env)
    const store = await openStore({
      databaseUrl: environment.databaseUrl ?? undefined,
      dataDir: environment.dataDir,
      log: logger(environment),
    })
    await store.close()
  })

function logger({ logLevel }: Environment): pino.Logger {
  return pino({
    level: logLevel,
    base: null,
    redact: ['token', 'secret', 'authorization', '*.token', '*.secret', '*.authorization'],
  })
}

async function serve(
  start: (environment: Environment, log: pino.Logger) => Promise<{ stop(): Promise<void> }>,
  options: { separateRunner?: boolean },
): Promise<void> {
  const environment = readEnvironment(process.env, options)
  const log = logger(environment)
  const running = await start(environment, log)
  let stopping = false
  const stop = (signal: string) => {
    if (stopping) process.exit(130)
    stopping = true
    log.info({ signal }, 'Stopping')
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'Stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
}

try {
  await program.parseAsync()
} catch (error) {
  // What the person who started it can mend is said in a sentence; everything else with its stack.
  if (error instanceof SwitchyardError && error.failure.cause === 'config') process.stderr.write(`${error.message}\n`)
  else console.error(error)
  process.exitCode = 1
}
