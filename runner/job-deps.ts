import type { AgentDeps } from './agent-work.ts'
import type { AppClient } from './app-client.ts'
import type { GitHome } from './git/git-environment.ts'
import type { Launch } from './launch/program.ts'
import type { Log } from './log.ts'
import type { RunnerSandbox } from './sandbox/runner-sandbox.ts'
import type { UseWatch } from './use/use-watch.ts'
import type { Locks } from './workspace/locks.ts'

/** What every job of a runner needs. Built once, in `start-runner.ts`. */
export interface JobDeps extends AgentDeps {
  readonly app: AppClient
  readonly appUrl: string
  /** The runner's own list of hosts, besides the job's. */
  readonly allowedHosts?: readonly string[] | undefined
  /** The runner's name. */
  readonly runner: string
  readonly gitHome: GitHome
  /** How git is started; absent: by this process. */
  readonly launch?: Launch
  readonly locks: Locks
  /** Where its jobs' programs run. */
  readonly sandbox: RunnerSandbox
  /** Watches what jobs use in sum. */
  readonly use: UseWatch
  readonly log: Log
  /** Values that this runner works with: redacted from all it says, and never pushed. */
  readonly secrets: readonly string[]
}
