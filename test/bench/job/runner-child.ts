/**
 * A runner as it is, in a process of its own: what it costs to start a program depends on the size of who starts it.
 * Argument: the app's address. It is asked to do a job, and to get ready in a data folder before.
 */
import process from 'node:process'
import { z } from 'zod'
import { commandRuntime } from '../../../runner/agents/command.ts'
import { createAppClient } from '../../../runner/app-client.ts'
import { systemClock } from '../../../runner/clock.ts'
import { prepareGitHome } from '../../../runner/git/git-environment.ts'
import { runJob } from '../../../runner/job.ts'
import type { JobDeps } from '../../../runner/job-deps.ts'
import { createJobStop } from '../../../runner/job-stop.ts'
import { createLauncher } from '../../../runner/launch/launcher.ts'
import { NO_SANDBOX } from '../../../runner/sandbox/runner-sandbox.ts'
import { createUseWatch } from '../../../runner/use/use-watch.ts'
import { createLocks } from '../../../runner/workspace/locks.ts'
import { JobSpec } from '../../../src/contract/job.ts'
import { DEFAULT_USE_LIMITS } from '../../../src/contract/use-limits.ts'
import { FAKE_SECRET } from '../../runner/fake-app.ts'
import { serveParent } from '../child.ts'

/** What it is asked: to do a job, or, without one, to get ready for those in this folder. */
export const RunnerAsked = z.object({ dataDir: z.string(), spec: JobSpec.optional() })

const appUrl = process.argv[2] ?? ''
const quiet = () => undefined
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const launcher = createLauncher()
const known = new Map<string, JobDeps>()

async function depsOf(dataDir: string): Promise<JobDeps> {
  return {
    app: createAppClient({ appUrl, secret: FAKE_SECRET }),
    appUrl,
    runner: 'bench',
    dataDir,
    gitHome: await prepareGitHome(`${dataDir}/git`),
    launch: launcher.launch,
    locks: createLocks(),
    log,
    runtimes: new Map([['command', commandRuntime()]]),
    clock: systemClock,
    sandbox: NO_SANDBOX,
    use: createUseWatch({ dataDir, limits: DEFAULT_USE_LIMITS, clock: systemClock, log }),
    env: process.env,
    secrets: [],
  }
}

serveParent('', async (what) => {
  const { dataDir, spec } = RunnerAsked.parse(JSON.parse(what))
  const deps = known.get(dataDir) ?? (await depsOf(dataDir))
  known.set(dataDir, deps)
  if (spec !== undefined) await runJob(deps, { id: spec.id, data: spec }, createJobStop())
})
