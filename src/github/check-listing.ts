import { z } from 'zod'
import type { HeadSha } from '../contract/ids.ts'
import type { CheckSeen } from '../pipeline/events.ts'
import { ask } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** A check run of a commit. */
export interface ListedCheckRun {
  id: number
  /** Of one App and one run of its checks. */
  suiteId: number | null
  name: string
  appId: number | null
  appSlug: string | null
  conclusion: CheckSeen['conclusion']
  /** ISO 8601; empty where it has not started. */
  startedAt: string
  url: string | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: number
}

/** A commit status: the newest of its context. */
export interface ListedStatus {
  context: string
  conclusion: CheckSeen['conclusion']
  url: string | null
  description: string | null
}

const Conclusion = z.enum(['success', 'neutral', 'skipped', 'failure', 'cancelled', 'timed_out', 'action_required', 'stale'])

/** Every check run of a commit, all pages, of every App, the newest of each suite. */
export async function listCheckRuns(octokit: Octokit, repository: Repository, head: HeadSha): Promise<ListedCheckRun[]> {
  return ask(`list the check runs of ${fullNameOf(repository)}@${head}`, async () => {
    const runs = await octokit.paginate(octokit.rest.checks.listForRef, {
      ...repository,
      ref: head,
      filter: 'latest',
      per_page: PAGE_SIZE,
    })
    return runs
      .filter((run) => run.head_sha === head)
      .map((run) => ({
        id: run.id,
        suiteId: run.check_suite?.id ?? null,
        name: run.name,
        appId: run.app?.id ?? null,
        appSlug: run.app?.slug ?? null,
        conclusion: conclusionOf(run.status, run.conclusion),
        startedAt: run.started_at ?? '',
        url: run.html_url,
        title: run.output.title,
        summary: run.output.summary,
        text: run.output.text,
        annotations: run.output.annotations_count,
      }))
  })
}

/** Anything unfinished is pending; a conclusion that we do not know is no pass. */
function conclusionOf(status: string, conclusion: string | null): CheckSeen['conclusion'] {
  if (status !== 'completed' || conclusion === null) return 'pending'
  const known = Conclusion.safeParse(conclusion)
  return known.success ? known.data : 'failure'
}

/**
 * The newest commit status of each context, all pages.
 *
 * @see https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference
 */
export async function listStatuses(octokit: Octokit, repository: Repository, head: HeadSha): Promise<ListedStatus[]> {
  return ask(`list the commit statuses of ${fullNameOf(repository)}@${head}`, async () => {
    const all: ListedStatus[] = []
    for (let page = 1; ; page += 1) {
      const { data } = await octokit.rest.repos.getCombinedStatusForRef({ ...repository, ref: head, per_page: PAGE_SIZE, page })
      for (const status of data.statuses) {
        const { context, state, target_url, description } = status
        all.push({ context, conclusion: stateOf(state), url: target_url ?? null, description: description ?? null })
      }
      if (data.statuses.length < PAGE_SIZE) return all
    }
  })
}

function stateOf(state: string): CheckSeen['conclusion'] {
  if (state === 'success' || state === 'pending') return state
  return 'failure'
}
