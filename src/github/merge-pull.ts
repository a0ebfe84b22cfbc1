import type { HeadSha } from '../contract/ids.ts'
import { ask, GitHubError } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'
import { getPull, type PullWithMergeability } from './pull-requests.ts'

/** Merged at exactly the wanted head, or refused with what GitHub said and what it looks like now. */
export type MergeAnswer =
  | { status: 'merged'; pull: PullWithMergeability }
  | { status: 'refused'; why: MergeRefusal; message: string; pull: PullWithMergeability }

/**
 * `head-moved`: somebody pushed. `not-mergeable`: conflicts, required checks or reviews, a base that moved this moment.
 * `closed`: closed, or merged at another head. `invalid`: the method is not allowed here.
 */
export type MergeRefusal = 'head-moved' | 'not-mergeable' | 'closed' | 'invalid'

/** Statuses by which GitHub refuses a merge. */
const REFUSALS: Readonly<Record<number, MergeRefusal>> = { 405: 'not-mergeable', 409: 'head-moved', 422: 'invalid' }

/**
 * Merges a pull request if its head is still `sha`. One that is merged at that head already counts as merged, so that
 * a second call after a lost answer tells the truth.
 *
 * @throws GitHubError for anything but a refusal
 * @see https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
 */
export async function mergePull(
  octokit: Octokit,
  repository: Repository,
  number: number,
  wanted: { sha: HeadSha; method: 'merge' | 'squash' | 'rebase'; title?: string },
): Promise<MergeAnswer> {
  const before = await readPull(octokit, repository, number)
  return overAlready(before, wanted.sha) ?? (await mergeNow(octokit, repository, number, wanted))
}

/** What a merge at this head ends in without being tried, as the pull request stands; null where it may be tried. */
export function overAlready(pull: PullWithMergeability, sha: HeadSha): MergeAnswer | null {
  if (pull.pull.state !== 'open') return ended(pull, sha)
  if (pull.head === sha) return null
  return { status: 'refused', why: 'head-moved', message: `The head is ${pull.head} now.`, pull }
}

/** {@link mergePull} for a caller that has looked already: GitHub itself compares the head. */
export async function mergeNow(
  octokit: Octokit,
  repository: Repository,
  number: number,
  wanted: { sha: HeadSha; method: 'merge' | 'squash' | 'rebase'; title?: string },
): Promise<MergeAnswer> {
  try {
    await ask(`merge pull request ${number} of ${fullNameOf(repository)}`, () =>
      octokit.rest.pulls.merge({
        ...repository,
        pull_number: number,
        sha: wanted.sha,
        merge_method: wanted.method,
        ...(wanted.title === undefined ? {} : { commit_title: wanted.title }),
      }),
    )
  } catch (error) {
    const why = error instanceof GitHubError && error.status !== null ? REFUSALS[error.status] : undefined
    if (why === undefined || !(error instanceof GitHubError)) throw error
    return refused(await readPull(octokit, repository, number), wanted.sha, why, error.failure.message)
  }
  // Status is said only of what GitHub confirms: the answer to a merge has no time and no author.
  return ended(await readPull(octokit, repository, number), wanted.sha)
}

function ended(pull: PullWithMergeability, sha: HeadSha): MergeAnswer {
  if (pull.pull.state === 'merged' && pull.head === sha) return { status: 'merged', pull }
  const message = `The pull request is ${pull.pull.state}, with head ${pull.head}.`
  return { status: 'refused', why: 'closed', message, pull }
}

/** A refusal, told as what it is when GitHub is looked at again: over, moved, or what it was taken for. */
export function refused(now: PullWithMergeability, sha: HeadSha, why: MergeRefusal, message: string): MergeAnswer {
  const over = overAlready(now, sha)
  if (over !== null) return over.status === 'refused' && over.why === 'head-moved' ? { ...over, message } : over
  return { status: 'refused', why, message, pull: now }
}

/** @throws GitHubError also where there is none */
export async function readPull(octokit: Octokit, repository: Repository, number: number): Promise<PullWithMergeability> {
  const pull = await getPull(octokit, repository, number)
  if (pull !== null) return pull
  const message = `There is no pull request ${number} in ${fullNameOf(repository)}`
  throw new GitHubError({ cause: 'api', message, status: 404, original: null })
}
