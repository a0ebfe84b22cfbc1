/** `npm start`: app and runner in one process, on the embedded store unless the environment says otherwise. */
import path from 'node:path'
import type { Logger } from 'pino'
import { runtimes } from '../runner/agents/registry.ts'
import { DEFAULT_TOOLS_DIR } from '../runner/agents/tools.ts'
import { startRunner } from '../runner/start-runner.ts'
import { type RunningApp, startApp } from './app.ts'
import type { Environment } from './config/environment.ts'

/** Starts both; stopping ends the runner first, so that its jobs can still push and report. */
export async function startBoth(environment: Environment, log: Logger, now?: () => number): Promise<RunningApp> {
  const app = await startApp({ environment, log, ...(now === undefined ? {} : { now }) })
  const starting = startRunner({
    appUrl: app.localUrl,
    secret: app.secret,
    queue: app.queue,
    concurrency: environment.runner.concurrency,
    mirrorsMaxBytes: environment.runner.mirrorsMaxBytes,
    gitStallSeconds: environment.runner.gitStallSeconds,
    useLimits: environment.runner.useLimits,
    sandbox: environment.sandbox,
    dataDir: path.resolve(environment.dataDir, 'runner'),
    runtimes: runtimes({ env: process.env, toolsDir: path.resolve(DEFAULT_TOOLS_DIR) }),
    log,
    secrets: [environment.app.privateKey, environment.app.webhookSecret],
  })
  // An app whose jobs nobody can do must not look as if it were up.
  const runner = await starting.catch(async (error: unknown) => {
    await app.stop()
    throw error
  })
  return {
    ...app,
    async stop() {
      await runner.stop()
      await app.stop()
    },
  }
}
