import type { HeadSha } from '../contract/ids.ts'
import type { PullRequest } from '../pipeline/model.ts'
import { ask } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'
import { type Opinion, REVIEW_QUERY, ReviewPage, type Thread } from './review-page.ts'

export type { Author, Opinion, Thread } from './review-page.ts'

/** Conversations that are read of one pull request at most. */
const THREADS_MAX = 1_000

/** The human review of a pull request, all of it as of one moment but the later pages of a long list of threads. */
export interface Review {
  pull: PullRequest
  head: HeadSha
  /** GitHub's judgement of its own rules; `none` where no rule asks for reviews. */
  decision: 'approved' | 'changes-requested' | 'review-required' | 'none'
  opinions: Opinion[]
  threads: Thread[]
}

const DECISIONS = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  REVIEW_REQUIRED: 'review-required',
} as const

/**
 * Reads the human review of a pull request: one request, and one more for every 50 conversations.
 *
 * @throws GitHubError also where there is no such pull request
 * @see https://docs.github.com/en/graphql/reference/objects#pullrequest
 */
export async function readReview(octokit: Octokit, repository: Repository, number: number): Promise<Review> {
  return ask(`read the review of ${fullNameOf(repository)}#${number}`, async () => {
    const read = async (after: string | null) =>
      ReviewPage.parse(await octokit.graphql(REVIEW_QUERY, { ...repository, number, after })).repository.pullRequest
    const first = await read(null)
    const threads = [...first.reviewThreads.nodes]
    for (let page = first.reviewThreads.pageInfo; page.hasNextPage && threads.length < THREADS_MAX; ) {
      const next = await read(page.endCursor)
      threads.push(...next.reviewThreads.nodes)
      page = next.reviewThreads.pageInfo
    }
    return {
      pull: first.pull,
      head: first.head,
      decision: first.reviewDecision === null ? 'none' : DECISIONS[first.reviewDecision],
      opinions: first.latestOpinionatedReviews.nodes,
      threads,
    }
  })
}
