import type { JobResult } from '../src/contract/job.ts'
import { createRedactor, type Redactor } from '../src/contract/redact.ts'
import { AppRefusedError } from './app-client.ts'
import { createGit, type Git } from './git/run-git.ts'
import type { JobDeps } from './job-deps.ts'
import type { JobStop } from './job-stop.ts'
import { redactedResult } from './report/redacted-result.ts'
import type { TokenSource } from './tokens.ts'
import { watchControl } from './watch/control.ts'
import { jobMark } from './watch/process-tree.ts'
import { type ProgressSender, startProgress } from './watch/progress.ts'

/** A started job's lines to the app, and its git. Everything that knows its tokens ends with it. */
export interface OpenJob {
  readonly id: string
  /** Which start of the job this is, from 1. */
  readonly start: number
  readonly startedAt: string
  readonly git: Git
  readonly tokens: TokenSource
  readonly redactor: Redactor
  readonly progress: ProgressSender
  readonly stop: JobStop
  /** Repeats until the app has taken the result, or says that it is not wanted any more. */
  send(result: JobResult): Promise<void>
  close(): Promise<void>
}

/** Opens the lines of a job that the app let start: progress, heartbeat and cancellation. */
export function openJob(deps: JobDeps, id: string, start: number, stop: JobStop): OpenJob {
  const redactor = createRedactor()
  const closing = new AbortController()
  const progress = startProgress({
    clock: deps.clock,
    redactor,
    async send(progressNow, log) {
      const { cancel, keep } = await deps.app.progress(id, { start, progress: progressNow, log })
      if (cancel !== null) stop.stop({ kind: 'cancelled', reason: cancel, keep })
    },
  })
  const watching = watchControl(deps, id, closing.signal, (reason, keep) => stop.stop({ kind: 'cancelled', reason, keep }))
  return {
    id,
    start,
    startedAt: new Date(deps.clock.now()).toISOString(),
    git: createGit(deps.gitHome, redactor, jobMark(deps.dataDir, id)),
    redactor,
    progress,
    stop,
    async tokens(leg, operation) {
      const token = await deps.app.token(id, { repositoryId: leg.repositoryId, operation, start })
      redactor.register(token)
      return token
    },
    async send(result) {
      try {
        await deps.app.result(id, { start, result: redactedResult(redactor, result) })
      } catch (error) {
        if (!(error instanceof AppRefusedError)) throw error
        deps.log.info({ job: id, code: error.code }, 'result not wanted any more')
      }
    },
    async close() {
      closing.abort()
      await Promise.all([progress.stop(), watching])
    },
  }
}
