/** A process that does one job and ends, for tests that kill it: argv is a JSON object `{ appUrl, dataDir, spec }`; with `sandboxRead`,
 * a list of paths, the job is done in a sandbox. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { commandRuntime } from '../../runner/agents/command.ts'
import { createAppClient } from '../../runner/app-client.ts'
import { systemClock } from '../../runner/clock.ts'
import { prepareGitHome } from '../../runner/git/git-environment.ts'
import { runJob } from '../../runner/job.ts'
import { createJobStop } from '../../runner/job-stop.ts'
import { NO_SANDBOX, openRunnerSandbox } from '../../runner/sandbox/runner-sandbox.ts'
import { createUseWatch } from '../../runner/use/use-watch.ts'
import { createLocks } from '../../runner/workspace/locks.ts'
import { DEFAULT_USE_LIMITS } from '../../src/contract/use-limits.ts'
import { FAKE_SECRET } from './fake-app.ts'

const { appUrl, dataDir, spec, sandboxRead } = JSON.parse(process.argv[2] ?? '{}')
const quiet = (): void => undefined
// Timers of the runner do not keep a process alive; here nothing else does.
const awake = setInterval(quiet, 60_000)
await mkdir(dataDir, { recursive: true })
const sandbox =
  sandboxRead === undefined
    ? NO_SANDBOX
    : await openRunnerSandbox(
        { mode: 'required', registries: false, hosts: [], privateHosts: [], read: sandboxRead },
        { dataDir, env: process.env, registries: [], log: { debug: quiet, info: quiet, warn: quiet, error: quiet } },
      )
await runJob(
  {
    app: createAppClient({ appUrl, secret: FAKE_SECRET }),
    appUrl,
    runner: `process-${process.pid}`,
    dataDir,
    gitHome: await prepareGitHome(path.join(dataDir, 'git')),
    locks: createLocks(2_000),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    runtimes: new Map([['command', commandRuntime()]]),
    clock: systemClock,
    sandbox,
    env: process.env,
    use: createUseWatch({
      dataDir,
      limits: DEFAULT_USE_LIMITS,
      clock: systemClock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    }),
    secrets: [],
  },
  { id: spec.id, data: spec },
  createJobStop(),
)
clearInterval(awake)
