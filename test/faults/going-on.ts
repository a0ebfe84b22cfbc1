/**
 * When work goes on after a kill: the first thing seen for the run that only the killed program could have done. Of the
 * app: a request to GitHub that writes, a job that it let start, a result that it stored. Of the runner: a fetch or push, a
 * job that it began. Of both in one process: any of these.
 */
import type { Program, ProgramName } from './programs.ts'
import type { Stage } from './stage.ts'
import { until } from './until.ts'

/** Longest wait for it, in ms; what is asked for is less, and judged by the test. */
const GIVE_UP_MS = 90_000

/** Waits until work goes on in `restarted`; gives the time, in ms since the epoch. Call it right after the kill. */
export async function workGoesOn(stage: Stage, restarted: Program): Promise<number> {
  const api = stage.github.inspect()
  const seen = { requests: api.requests().length, git: api.gitRequests().length }
  const app = stage.programs.findLast(({ name }) => name !== 'runner')
  const from = app?.lines.length ?? 0
  const has = {
    write: () =>
      api
        .requests()
        .slice(seen.requests)
        .some(({ write, status }) => write && status < 400),
    git: () =>
      api
        .gitRequests()
        .slice(seen.git)
        .some(({ status }) => status === 200),
    jobStarted: () => (app?.lines ?? []).slice(from).some((line) => line.includes('"msg":"Job started"')),
    jobEnded: () => (app?.lines ?? []).slice(from).some((line) => line.includes('"msg":"Job ended"')),
  }
  const signs: Record<ProgramName, (() => boolean)[]> = {
    start: [has.write, has.git, has.jobStarted, has.jobEnded],
    app: [has.write, has.jobStarted, has.jobEnded],
    runner: [has.git, has.jobStarted],
  }
  return until(
    () => `work going on in ${restarted.name}\n${stage.tail()}`,
    GIVE_UP_MS,
    () => signs[restarted.name].some((sign) => sign()) && Date.now(),
  )
}
