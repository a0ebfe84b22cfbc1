import { z } from 'zod'
import type { PullRequest } from '../pipeline/model.ts'
import { ask } from './errors.ts'
import { GraphqlPull, PULL_FIELDS } from './graphql-pull.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'
import { getPull } from './pull-requests.ts'

const Listed = z.array(
  z.object({
    number: z.int().positive(),
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullish(),
    body: z.string().nullish(),
    user: z.object({ id: z.number() }).nullish(),
    head: z.object({ ref: z.string(), repo: z.object({ id: z.number() }).nullish() }),
    base: z.object({ repo: z.object({ id: z.number() }) }),
  }),
)

/** The merged pull request that is to be taken back. */
export interface Reverted {
  number: number
  branch: string
  base: string
}

/**
 * The pull request that takes this one back, open or merged: one of ours, told by its hidden marker, or one that a person
 * made with GitHub's button, told by its branch. Null where there is none; one that was closed does not count. Only
 * the newest hundred into the base branch are looked at.
 */
export async function findRevert(
  octokit: Octokit,
  repository: Repository,
  of: Reverted,
  ours: { marker: string; authorId: number },
): Promise<PullRequest | null> {
  const listed = await ask(`look for the revert of ${fullNameOf(repository)}#${of.number}`, async () => {
    const { data } = await octokit.rest.pulls.list({
      ...repository,
      base: of.base,
      state: 'all',
      sort: 'created',
      direction: 'desc',
      per_page: PAGE_SIZE,
    })
    return Listed.parse(data)
  })
  const found = listed.find(
    (each) =>
      (each.state === 'open' || typeof each.merged_at === 'string') &&
      each.head.repo?.id === each.base.repo.id &&
      (each.head.ref === `revert-${of.number}-${of.branch}` ||
        (each.user?.id === ours.authorId && (each.body ?? '').includes(ours.marker))),
  )
  return found === undefined ? null : ((await getPull(octokit, repository, found.number))?.pull ?? null)
}

const REVERT = `mutation ($pull: ID!, $body: String!) {
  revertPullRequest(input: { pullRequestId: $pull, body: $body }) { revertPullRequest { ${PULL_FIELDS} } }
}`

const Answer = z.object({ revertPullRequest: z.object({ revertPullRequest: GraphqlPull }) })

/**
 * Opens a pull request that takes a merged one back. Look with {@link findRevert} first.
 *
 * @throws GitHubError also where it cannot be taken back by itself, since what it changed was changed again
 * @see https://docs.github.com/en/graphql/reference/mutations#revertpullrequest
 */
export async function openRevert(octokit: Octokit, pull: { nodeId: string; url: string }, body: string): Promise<PullRequest> {
  return ask(`take back ${pull.url}`, async () => {
    const answer = Answer.parse(await octokit.graphql(REVERT, { pull: pull.nodeId, body }))
    return answer.revertPullRequest.revertPullRequest.pull
  })
}
