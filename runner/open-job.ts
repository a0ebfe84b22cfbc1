import type { StartAnswer, TokenRequest } from '../src/contract/api.ts'
import type { JobResult } from '../src/contract/job.ts'
import { LOCK_DURATION_MS } from '../src/contract/queue.ts'
import { createRedactor, type Redactor } from '../src/contract/redact.ts'
import { type DeniedHost, summedDenied } from '../src/contract/sandbox.ts'
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
  /** From now on also what is refused there is told. */
  tellRefused(at: () => readonly DeniedHost[]): void
  /** All connections that were refused so far, to earlier starts too as far as they told. */
  denied(): DeniedHost[]
  /** Repeats until the app has taken the result, or says that it is not wanted any more. */
  send(result: JobResult): Promise<void>
  close(): Promise<void>
}

/** Opens the lines of a job that the app let start: progress, heartbeat and cancellation. */
export function openJob(
  deps: JobDeps,
  id: string,
  { start, denied: before = [] }: Pick<Extract<StartAnswer, { go: true }>, 'start' | 'denied'>,
  stop: JobStop,
): OpenJob {
  const redactor = createRedactor(deps.secrets)
  const closing = new AbortController()
  const refusing: (() => readonly DeniedHost[])[] = [() => before]
  const denied = (): DeniedHost[] => summedDenied(refusing.flatMap((at) => at()))
  const told = (reason: string, keep: boolean, lost: boolean): void =>
    stop.stop(lost ? { kind: 'lost' } : { kind: 'cancelled', reason, keep })
  const progress = startProgress({
    clock: deps.clock,
    redactor,
    denied,
    async send(progressNow, log, followUps) {
      const more = followUps.length === 0 ? {} : { followUps }
      const { cancel, keep, lost } = await deps.app.progress(id, { start, progress: progressNow, log, ...more })
      if (cancel !== null) told(cancel, keep, lost)
    },
  })
  const endings = new Set<Promise<void>>()
  /** The work does not wait for it, only the job's end does. */
  function endToken(token: string): void {
    const ending = deps.app.tokenEnd(id, token).catch((error: unknown) => {
      deps.log.info({ job: id, error }, 'the app was not told that a token is used')
    })
    endings.add(ending)
    void ending.then(() => endings.delete(ending))
  }
  async function freshToken(wanted: TokenRequest): Promise<string> {
    for (;;) {
      const asked = performance.now()
      const token = await deps.app.token(id, wanted)
      redactor.register(token)
      // This process may have stood still since, and another one have the job: then the app refuses the next.
      if (performance.now() - asked < LOCK_DURATION_MS) return token
      endToken(token)
    }
  }
  const watching = watchControl(deps, id, start, closing.signal, told)
  return {
    id,
    start,
    startedAt: new Date(deps.clock.now()).toISOString(),
    git: createGit(deps.gitHome, redactor, jobMark(deps.dataDir, id), deps.launch),
    redactor,
    progress,
    stop,
    async tokens(leg, operation, operate) {
      const token = await freshToken({ repositoryId: leg.repositoryId, operation, start })
      try {
        return await operate({ url: leg.cloneUrl, token })
      } finally {
        endToken(token)
      }
    },
    tellRefused: (at) => void refusing.push(at),
    denied,
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
      await Promise.all([progress.stop(), watching, ...endings])
    },
  }
}
