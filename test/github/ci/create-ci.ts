/**
 * The CI of the local GitHub: on every push to a branch, as a workflow `on: [push]`, each of the repository's jobs
 * runs and reports a check run of the App `github-actions`. Two jobs at most run at once.
 */
import pLimit from 'p-limit'
import { createCheckRun, updateCheckRun } from '../state/checks.ts'
import type { App, CheckRun, CiJob, Repository } from '../state/model.ts'
import type { World } from '../state/world.ts'
import { runJob } from './run-job.ts'

const MOST_AT_ONCE = 2
const SUMMARY_LINES = 20

export interface Ci {
  push(repository: Repository, branch: string, sha: string): void
  /** Runs a check run's job anew, as a check run of its own; false for check runs that are not CI's. */
  rerun(repository: Repository, run: CheckRun): boolean
  stop(): Promise<void>
}

export function createCi(world: World, app: App): Ci {
  const limit = pLimit(MOST_AT_ONCE)
  const stopping = new AbortController()
  const jobs = new WeakMap<CheckRun, { job: CiJob; branch: string }>()

  const start = (repository: Repository, job: CiJob, branch: string, sha: string) => {
    if (stopping.signal.aborted) return
    const run = createCheckRun(world, repository, app, sha, branch, { name: job.name, status: 'queued' })
    // Where GitHub shows the job, and what its logs are found by.
    run.detailsUrl = `${world.url}/${repository.owner.login}/${repository.name}/actions/runs/${run.suite.id}/job/${run.id}`
    jobs.set(run, { job, branch })
    world.activity.track(limit(() => perform(repository, run, job, branch))).catch((error: unknown) => {
      world.log('ci failed', { error: String(error) })
    })
  }

  const perform = async (repository: Repository, run: CheckRun, job: CiJob, branch: string) => {
    if (stopping.signal.aborted) return
    updateCheckRun(world, repository, run, { status: 'in_progress' })
    world.log('ci started', { repo: repository.name, name: job.name, branch })
    const commit = { branch, sha: run.headSha }
    const { conclusion, log, seconds } = await runJob(world, repository, job, commit, stopping.signal).catch(
      (error: unknown) => ({
        conclusion: 'failure' as const,
        log: `${String(error)}\n`,
        seconds: 0,
      }),
    )
    run.log = log
    const last = log.trimEnd().split('\n').slice(-SUMMARY_LINES).join('\n')
    const title = conclusion === 'success' ? `${job.name} passed in ${seconds} s` : `${job.name} ended with ${conclusion}`
    updateCheckRun(world, repository, run, { conclusion, output: { title, summary: `\`\`\`\n${last}\n\`\`\`` } })
    world.log('ci completed', { repo: repository.name, name: job.name, branch, conclusion })
  }

  return {
    push: (repository, branch, sha) => {
      for (const job of repository.ci) start(repository, job, branch, sha)
    },
    rerun: (repository, run) => {
      const known = jobs.get(run)
      if (known) start(repository, known.job, known.branch, run.headSha)
      return known !== undefined
    },
    stop: async () => {
      stopping.abort()
      limit.clearQueue()
    },
  }
}
