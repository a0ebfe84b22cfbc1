import type { HeadSha, LegKey } from '../contract/ids.ts'
import type { Redactor } from '../contract/redact.ts'
import type { CheckSeen, LegChecks } from '../pipeline/events.ts'
import { evidenceOf } from './check-evidence.ts'
import { type ListedCheckRun, type ListedStatus, listCheckRuns, listStatuses } from './check-listing.ts'
import { expectsChecks } from './expected-checks.ts'
import { isFailing, newestRuns } from './newest-runs.ts'
import type { Octokit, Repository } from './octokit.ts'
import { redOn } from './red-on-base.ts'
import { requiredChecks } from './required-checks.ts'

/** Whose checks, and on which branches. */
export interface ObservedHead {
  leg: LegKey
  head: HeadSha
  workBranch: string
  baseBranch: string
}

/** What GitHub said, and in `unknown` what it would not say. */
export interface Observation {
  checks: LegChecks
  /** Parts that the App may not read or that were unreadable, for the log and the gate's summary. */
  unknown: string[]
}

/**
 * Everything that counts for the verdict over one head: check runs and commit statuses of exactly that commit, all
 * pages, the newest per name (and per App that reports it), the App's own left out; what the base branch requires; and
 * whether a workflow is there that would run.
 *
 * Failing ones carry their evidence, redacted. Only where there are some is the base branch's newest commit looked at:
 * what fails there too is no fault of the change (GATE-4).
 */
export async function observeChecks(
  octokit: Octokit,
  repository: Repository,
  observed: ObservedHead,
  own: { appId: number; redactor: Redactor },
): Promise<Observation> {
  const [runs, statuses, required, expected] = await Promise.all([
    listCheckRuns(octokit, repository, observed.head),
    listStatuses(octokit, repository, observed.head),
    requiredChecks(octokit, repository, observed.baseBranch),
    expectsChecks(octokit, repository, observed),
  ])
  const foreign = newestRuns(runs.filter((run) => run.appId !== own.appId))
  const seen: CheckSeen[] = []
  for (const run of foreign) seen.push(await seenRun(octokit, repository, run, own.redactor))
  for (const status of statuses) seen.push(seenStatus(status, own.redactor))
  const failing = seen.filter(({ conclusion }) => isFailing(conclusion)).map(({ name }) => name)
  const base =
    failing.length === 0 ? { names: [], unknown: [] } : await redOn(octokit, repository, observed.baseBranch, own.appId)
  return {
    checks: {
      leg: observed.leg,
      head: observed.head,
      checks: seen.slice(0, 1_000),
      required: required.names.slice(0, 200),
      expectsChecks: expected.expected,
      redOnBase: [...new Set(failing)].filter((name) => base.names.includes(name)).slice(0, 1_000),
    },
    unknown: [...required.unknown, ...expected.unknown, ...base.unknown],
  }
}

async function seenRun(octokit: Octokit, repository: Repository, run: ListedCheckRun, redactor: Redactor): Promise<CheckSeen> {
  const nothing = { annotations: [], log: null }
  const evidence = isFailing(run.conclusion) ? await evidenceOf(octokit, repository, run, redactor) : nothing
  return {
    name: run.name,
    source: 'check-run',
    conclusion: run.conclusion,
    url: run.url,
    title: run.title === null ? null : redactor.redact(run.title).slice(0, 1_000),
    summary: run.summary === null ? null : redactor.redact(run.summary).slice(0, 20_000),
    ...evidence,
  }
}

function seenStatus(status: ListedStatus, redactor: Redactor): CheckSeen {
  const description = status.description === null ? null : redactor.redact(status.description).slice(0, 1_000)
  return {
    name: status.context,
    source: 'status',
    conclusion: status.conclusion,
    url: status.url,
    title: description,
    summary: null,
    annotations: [],
    log: null,
  }
}
