import { z } from 'zod'
import { HeadSha } from '../contract/ids.ts'
import type { PullSeen } from '../pipeline/events.ts'
import type { PullRequest } from '../pipeline/model.ts'
import { ask, askOrNull, GitHubError } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** A pull request as GitHub tells it now. */
export interface PullDetails {
  pull: PullRequest
  title: string
  body: string
  head: HeadSha
  headBranch: string
  /** Null when the fork it came from is gone. */
  headRepositoryId: number | null
  base: string
  baseRepositoryId: number
  author: string
}

/** A pull request with what GitHub works out in the background, and so may not know yet. */
export interface PullWithMergeability extends PullDetails {
  mergeable: PullSeen['mergeable']
}

const Listed = z.object({
  number: z.number(),
  node_id: z.string(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().default(false),
  merged_at: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  user: z.object({ login: z.string() }).nullish(),
  head: z.object({ ref: z.string(), sha: HeadSha, repo: z.object({ id: z.number() }).nullish() }),
  base: z.object({ ref: z.string(), repo: z.object({ id: z.number() }) }),
})

const MergeableState = z.object({
  mergeable: z.boolean().nullish(),
  mergeable_state: z
    .enum(['clean', 'dirty', 'unknown', 'blocked', 'behind', 'unstable', 'draft', 'has_hooks'])
    .catch('unknown'),
})

function detailsOf(data: unknown): PullDetails {
  const seen = Listed.parse(data)
  const mergedAt = seen.merged_at ?? null
  const mergeSha = HeadSha.safeParse(seen.merge_commit_sha)
  return {
    pull: {
      number: seen.number,
      nodeId: seen.node_id,
      url: seen.html_url,
      state: mergedAt === null ? seen.state : 'merged',
      draft: seen.draft,
      mergedAt,
      // Before the merge this field names a test merge that nobody will ever see.
      mergeSha: mergedAt !== null && mergeSha.success ? mergeSha.data : null,
    },
    title: seen.title,
    body: seen.body ?? '',
    head: seen.head.sha,
    headBranch: seen.head.ref,
    headRepositoryId: seen.head.repo?.id ?? null,
    base: seen.base.ref,
    baseRepositoryId: seen.base.repo.id,
    author: seen.user?.login ?? 'ghost',
  }
}

/**
 * The pull request from this branch of the repository itself, in any state: an open one before a closed one, else the
 * newest; null where there is none.
 */
export async function findPullByHead(octokit: Octokit, repository: Repository, branch: string): Promise<PullDetails | null> {
  return ask(`look for the pull request of ${branch} in ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.pulls.list({
      ...repository,
      head: `${repository.owner}:${branch}`,
      state: 'all',
      sort: 'created',
      direction: 'desc',
      per_page: 100,
    })
    const own = data
      .map(detailsOf)
      .filter((each) => each.headBranch === branch && each.headRepositoryId === each.baseRepositoryId)
    return own.find((each) => each.pull.state === 'open') ?? own[0] ?? null
  })
}

/** The repository's open pull requests, all pages: one request tells of many runs. */
export async function listOpenPulls(octokit: Octokit, repository: Repository): Promise<PullDetails[]> {
  return ask(`list the open pull requests of ${fullNameOf(repository)}`, async () => {
    const all = await octokit.paginate(octokit.rest.pulls.list, { ...repository, state: 'open', per_page: 100 })
    return all.map(detailsOf)
  })
}

/** What a pull request is opened with. */
export interface NewPull {
  branch: string
  base: string
  title: string
  body: string
}

/**
 * Opens a draft pull request. Look with {@link findPullByHead} first. Where the repository's plan has no drafts it is
 * opened as an ordinary one; when another opened it in between, that one is given.
 */
export async function createDraft(octokit: Octokit, repository: Repository, wanted: NewPull): Promise<PullDetails> {
  const create = (draft: boolean): Promise<PullDetails> =>
    ask(`open a pull request for ${wanted.branch} in ${fullNameOf(repository)}`, async () => {
      const { branch, ...rest } = wanted
      const { data } = await octokit.rest.pulls.create({ ...repository, ...rest, head: branch, draft })
      return detailsOf(data)
    })
  try {
    return await create(true)
  } catch (error) {
    // 422 stands for "exists already", "no drafts here" and "nothing between the branches" alike: look, then try.
    if (!(error instanceof GitHubError) || error.status !== 422) throw error
    const existing = await findPullByHead(octokit, repository, wanted.branch)
    return existing?.pull.state === 'open' ? existing : create(false)
  }
}

/** Reads a pull request; null where there is none. */
export async function getPull(octokit: Octokit, repository: Repository, number: number): Promise<PullWithMergeability | null> {
  return askOrNull(`read pull request ${number} of ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.pulls.get({ ...repository, pull_number: number })
    const { mergeable, mergeable_state } = MergeableState.parse(data)
    // While GitHub still computes, `mergeable` is null and the state may be that of before.
    const known = typeof mergeable === 'boolean' || data.state === 'closed'
    return { ...detailsOf(data), mergeable: known ? mergeable_state : 'unknown' }
  })
}

/** Replaces a pull request's title, body or both. */
export async function updatePull(
  octokit: Octokit,
  repository: Repository,
  number: number,
  change: { title?: string; body?: string },
): Promise<void> {
  await ask(`edit pull request ${number} of ${fullNameOf(repository)}`, () =>
    octokit.rest.pulls.update({ ...repository, pull_number: number, ...change }),
  )
}

/** Closes a pull request; closing a closed one changes nothing. */
export async function closePull(octokit: Octokit, repository: Repository, number: number): Promise<void> {
  await ask(`close pull request ${number} of ${fullNameOf(repository)}`, () =>
    octokit.rest.pulls.update({ ...repository, pull_number: number, state: 'closed' }),
  )
}

const READY = `mutation ($pull: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $pull }) { pullRequest { isDraft } }
}`

/**
 * Takes a pull request out of draft. Only GraphQL can; look at `draft` first, it is a write.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#markpullrequestreadyforreview
 */
export async function markReady(octokit: Octokit, pull: { nodeId: string; url: string }): Promise<void> {
  await ask(`take ${pull.url} out of draft`, () => octokit.graphql(READY, { pull: pull.nodeId }))
}
