import { z } from 'zod'
import { HeadSha } from '../contract/ids.ts'
import { GraphqlPull, PULL_FIELDS } from './graphql-pull.ts'

/** Conversations a request asks for; with 50 comments each that is well within GitHub's node limit. */
const THREADS_PER_PAGE = 50
/** Reviewers that are read: where each of them stands. */
const REVIEWERS_MAX = 100
/** Comments that are read of one conversation besides its first: the newest. */
const LATEST_COMMENTS = 49

/** Who wrote something. */
export interface Author {
  /** As REST names it: a bot's ends in `[bot]`. An account that is gone is `ghost`. */
  login: string
  /** Null where the account is gone, or is of a kind that has no number. */
  id: number | null
  bot: boolean
}

/** Where one reviewer stands: approval or request for changes, whichever was the last; comments do not count. */
export interface Opinion {
  id: string
  by: Author
  state: 'approved' | 'changes-requested' | 'dismissed'
  body: string
  /** ISO 8601 */
  at: string
  /** What was looked at; null where that commit is gone. */
  head: HeadSha | null
}

/** One comment of a conversation. */
export interface ThreadComment {
  by: Author
  body: string
  /** ISO 8601 */
  at: string
}

/** One conversation about a place in the code. */
export interface Thread {
  id: string
  path: string | null
  /** Null where the line is gone, or a whole file is meant. */
  line: number | null
  resolved: boolean
  outdated: boolean
  /** The first one and the newest ones, oldest first. */
  comments: ThreadComment[]
}

const AUTHOR =
  'author { __typename login ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId } }'
const COMMENT = `id body createdAt ${AUTHOR}`
/** Asks for a page of conversations, and for all the rest; for {@link ReviewPage}. */
export const REVIEW_QUERY = `query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      ${PULL_FIELDS} reviewDecision
      latestOpinionatedReviews(first: ${REVIEWERS_MAX}) {
        nodes { id state body submittedAt ${AUTHOR} commit { oid } }
      }
      reviewThreads(first: ${THREADS_PER_PAGE}, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated path line
          start: comments(first: 1) { nodes { ${COMMENT} } }
          latest: comments(last: ${LATEST_COMMENTS}) { nodes { ${COMMENT} } }
        }
      }
    }
  }
}`

const AuthorNode = z
  .object({ __typename: z.string(), login: z.string(), databaseId: z.int().nullish() })
  .nullable()
  .transform((node): Author => {
    if (node === null) return { login: 'ghost', id: null, bot: false }
    const bot = node.__typename === 'Bot'
    return { login: bot ? `${node.login}[bot]` : node.login, id: node.databaseId ?? null, bot }
  })

const OPINIONS = { APPROVED: 'approved', CHANGES_REQUESTED: 'changes-requested', DISMISSED: 'dismissed' } as const

const OpinionNode = z
  .object({
    id: z.string(),
    state: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED']),
    body: z.string(),
    submittedAt: z.string().nullable(),
    author: AuthorNode,
    commit: z.object({ oid: HeadSha }).nullable(),
  })
  .transform(
    (node): Opinion => ({
      id: node.id,
      by: node.author,
      state: OPINIONS[node.state],
      body: node.body,
      at: node.submittedAt ?? '',
      head: node.commit?.oid ?? null,
    }),
  )

const Comments = z.object({
  nodes: z.array(z.object({ id: z.string(), body: z.string(), createdAt: z.string(), author: AuthorNode })),
})

const ThreadNode = z
  .object({
    id: z.string(),
    isResolved: z.boolean(),
    isOutdated: z.boolean(),
    path: z.string().nullable(),
    line: z.int().nullable(),
    start: Comments,
    latest: Comments,
  })
  .transform(({ start, latest, ...node }): Thread => {
    const all = new Map([...start.nodes, ...latest.nodes].map((comment) => [comment.id, comment]))
    return {
      id: node.id,
      path: node.path,
      line: node.line,
      resolved: node.isResolved,
      outdated: node.isOutdated,
      comments: [...all.values()].map(({ author, body, createdAt }) => ({ by: author, body, at: createdAt })),
    }
  })

/** An answer to {@link REVIEW_QUERY}. */
export const ReviewPage = z.object({
  repository: z.object({
    pullRequest: GraphqlPull.and(
      z.object({
        reviewDecision: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'REVIEW_REQUIRED']).nullable(),
        latestOpinionatedReviews: z.object({ nodes: z.array(OpinionNode) }),
        reviewThreads: z.object({
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
          nodes: z.array(ThreadNode),
        }),
      }),
    ),
  }),
})
