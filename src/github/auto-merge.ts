import { z } from 'zod'
import type { HeadSha } from '../contract/ids.ts'
import { ask, isRefusal } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

const ENABLE = `mutation ($pull: ID!, $head: GitObjectID!, $mergeMethod: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: { pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $mergeMethod }) {
    pullRequest { id }
  }
}`

/**
 * Has GitHub merge a pull request when its rules are met, if its head is still the one expected. Auto-merge then stays on
 * whatever is pushed.
 *
 * @throws GitHubError a refusal where nothing is missing, and where the repository does not allow it
 * @see https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge
 */
export async function enableAutoMerge(
  octokit: Octokit,
  { pull }: { pull: { nodeId: string; url: string } },
  { sha, method }: { sha: HeadSha; method: 'merge' | 'squash' | 'rebase' },
): Promise<void> {
  await ask(`switch on auto-merge of ${pull.url}`, () =>
    octokit.graphql(ENABLE, { pull: pull.nodeId, head: sha, mergeMethod: method.toUpperCase() }),
  )
}

const WHO = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) { id autoMergeRequest { enabledBy { __typename login } } }
  }
}`

const Who = z.object({
  repository: z.object({
    pullRequest: z.object({
      id: z.string(),
      autoMergeRequest: z.object({ enabledBy: z.object({ __typename: z.string(), login: z.string() }).nullable() }).nullable(),
    }),
  }),
})

const DISABLE = `mutation ($pull: ID!) {
  disablePullRequestAutoMerge(input: { pullRequestId: $pull }) { pullRequest { id } }
}`

/**
 * Switches off the auto-merge that the App itself switched on; a person's stays. Off already, or too late, is nothing.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#disablepullrequestautomerge
 */
export async function disableOwnAutoMerge(
  octokit: Octokit,
  repository: Repository,
  number: number,
  own: { slug: string },
): Promise<void> {
  const what = `switch off auto-merge of ${fullNameOf(repository)}#${number}`
  const { pullRequest } = await ask(what, async () => {
    return Who.parse(await octokit.graphql(WHO, { ...repository, number })).repository
  })
  const by = pullRequest.autoMergeRequest?.enabledBy
  if (by?.__typename !== 'Bot' || by.login !== own.slug) return
  try {
    await ask(what, () => octokit.graphql(DISABLE, { pull: pullRequest.id }))
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}
