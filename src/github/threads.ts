import { ask } from './errors.ts'
import type { Octokit } from './octokit.ts'

const REPLY = `mutation ($thread: ID!, $body: String!) {
  addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $thread, body: $body }) { comment { id } }
}`

/**
 * Replies in a conversation of a review. Look for an earlier reply first: this one does not.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#addpullrequestreviewthreadreply
 */
export async function replyInThread(octokit: Octokit, thread: string, body: string): Promise<void> {
  await ask(`reply in the conversation ${thread}`, () => octokit.graphql(REPLY, { thread, body }))
}

const RESOLVE = `mutation ($thread: ID!) {
  resolveReviewThread(input: { threadId: $thread }) { thread { isResolved } }
}`

/**
 * Marks a conversation of a review as resolved; one that is resolved stays so.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#resolvereviewthread
 */
export async function resolveThread(octokit: Octokit, thread: string): Promise<void> {
  await ask(`resolve the conversation ${thread}`, () => octokit.graphql(RESOLVE, { thread }))
}
