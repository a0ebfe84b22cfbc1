import { z } from 'zod'
import type { HeadSha } from '../contract/ids.ts'
import { enableAutoMerge } from './auto-merge.ts'
import { ask, isRefusal } from './errors.ts'
import { type MergeAnswer, mergeNow, overAlready, readPull, refused } from './merge-pull.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'
import type { PullWithMergeability } from './pull-requests.ts'

/** As {@link MergeAnswer}, or GitHub took it over and merges it when its rules are met. */
export type QueueAnswer = MergeAnswer | { status: 'queued'; by: 'queue' | 'auto-merge' }

/** What is to be merged, and how. */
export interface MergeWish {
  sha: HeadSha
  method: 'merge' | 'squash' | 'rebase'
  /** Where something is still missing, leave the merging to GitHub's auto-merge. */
  auto: boolean
}

/** States in which nothing is missing: auto-merge would be refused, as there is nothing to wait for. */
const READY: readonly PullWithMergeability['mergeable'][] = ['clean', 'unstable', 'has_hooks']

/**
 * Merges a pull request as its base branch wants it: through its merge queue where it has one (also where the App
 * might pass it by), by auto-merge where that is wished and something is missing yet, else at once. What an earlier call
 * has begun or done is found.
 *
 * @throws GitHubError for anything but a refusal
 */
export async function mergeByRules(
  octokit: Octokit,
  repository: Repository,
  number: number,
  wanted: MergeWish,
): Promise<QueueAnswer> {
  const before = await readPull(octokit, repository, number)
  const over = overAlready(before, wanted.sha)
  if (over !== null) return over
  const takenOver = await readTakenOver(octokit, repository, number)
  if (takenOver.inQueue) return { status: 'queued', by: 'queue' }
  if (wanted.auto && takenOver.autoMerge) return { status: 'queued', by: 'auto-merge' }

  const wait = wanted.auto && !READY.includes(before.mergeable)
  const why = wait ? await refusalOf(() => enableAutoMerge(octokit, before, wanted)) : null
  if (wait && why === null) return { status: 'queued', by: 'auto-merge' }
  // Where auto-merge is not to be had, or not needed any more, the plain way tells what is missing.
  const answer = takenOver.hasQueue
    ? await enqueue(octokit, repository, before, wanted.sha)
    : await mergeNow(octokit, repository, number, wanted)
  if (answer.status !== 'refused' || why === null) return answer
  return { ...answer, message: `${answer.message} (and: ${why})` }
}

const TAKEN_OVER = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) { state isMergeQueueEnabled isInMergeQueue autoMergeRequest { enabledAt } }
  }
}`

const TakenOver = z.object({
  repository: z.object({
    pullRequest: z.object({
      state: z.string(),
      isMergeQueueEnabled: z.boolean(),
      isInMergeQueue: z.boolean(),
      autoMergeRequest: z.object({}).nullable(),
    }),
  }),
})

/**
 * Whether the pull request is open, whether its base branch has a merge queue, whether it is in that,
 * and whether its auto-merge is on; all of it as of one moment.
 *
 * @see https://docs.github.com/en/graphql/reference/objects#pullrequest
 */
export async function readTakenOver(octokit: Octokit, repository: Repository, number: number) {
  return ask(`read how ${fullNameOf(repository)}#${number} is to be merged`, async () => {
    const { pullRequest } = TakenOver.parse(await octokit.graphql(TAKEN_OVER, { ...repository, number })).repository
    return {
      open: pullRequest.state === 'OPEN',
      hasQueue: pullRequest.isMergeQueueEnabled,
      inQueue: pullRequest.isInMergeQueue,
      autoMerge: pullRequest.autoMergeRequest !== null,
    }
  })
}

const ENQUEUE = `mutation ($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $pull, expectedHeadOid: $head }) { mergeQueueEntry { id } }
}`

/** @see https://docs.github.com/en/graphql/reference/mutations#enqueuepullrequest */
async function enqueue(
  octokit: Octokit,
  repository: Repository,
  { pull }: PullWithMergeability,
  head: HeadSha,
): Promise<QueueAnswer> {
  const why = await refusalOf(() =>
    ask(`put ${pull.url} into the merge queue`, () => octokit.graphql(ENQUEUE, { pull: pull.nodeId, head })),
  )
  if (why === null) return { status: 'queued', by: 'queue' }
  // Somebody else may have put it in, or the queue may have merged it, between the look and the wish.
  const now = await readPull(octokit, repository, pull.number)
  const answer = refused(now, head, 'not-mergeable', why)
  if (answer.status === 'merged' || answer.why !== 'not-mergeable') return answer
  return (await readTakenOver(octokit, repository, pull.number)).inQueue ? { status: 'queued', by: 'queue' } : answer
}

const ENTRY = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) { id mergeQueueEntry { enqueuer { __typename login } } }
  }
}`

const Entry = z.object({
  repository: z.object({
    pullRequest: z.object({
      id: z.string(),
      mergeQueueEntry: z.object({ enqueuer: z.object({ __typename: z.string(), login: z.string() }).nullable() }).nullable(),
    }),
  }),
})

const DEQUEUE = `mutation ($pull: ID!) { dequeuePullRequest(input: { id: $pull }) { mergeQueueEntry { id } } }`

/**
 * Takes a pull request out of the merge queue that the App itself put it into; what a person put there stays. Out already,
 * or merged in between, is nothing.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#dequeuepullrequest
 */
export async function dequeueOwn(
  octokit: Octokit,
  repository: Repository,
  number: number,
  own: { slug: string },
): Promise<void> {
  const what = `take ${fullNameOf(repository)}#${number} out of the merge queue`
  const { pullRequest } = await ask(what, async () => {
    return Entry.parse(await octokit.graphql(ENTRY, { ...repository, number })).repository
  })
  const by = pullRequest.mergeQueueEntry?.enqueuer
  if (by?.__typename !== 'Bot' || by.login !== own.slug) return
  await refusalOf(() => ask(what, () => octokit.graphql(DEQUEUE, { pull: pullRequest.id })))
}

/** Null when it was done; GitHub's words when GraphQL answered that it would not. Anything else is thrown. */
async function refusalOf(request: () => Promise<unknown>): Promise<string | null> {
  try {
    await request()
    return null
  } catch (error) {
    if (isRefusal(error)) return error.failure.message
    throw error
  }
}
