import { z } from 'zod'
import { HeadSha } from '../contract/ids.ts'
import type { PullRequest } from '../pipeline/model.ts'

/** What a GraphQL query selects of a pull request, for {@link GraphqlPull}. */
export const PULL_FIELDS = 'number id url state isDraft mergedAt mergeCommit { oid } headRefOid'

/** A pull request as GraphQL tells it, made the same as REST's. */
export const GraphqlPull = z
  .object({
    number: z.int().positive(),
    id: z.string(),
    url: z.string(),
    state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
    isDraft: z.boolean(),
    mergedAt: z.string().nullable(),
    mergeCommit: z.object({ oid: HeadSha }).nullable(),
    headRefOid: HeadSha,
  })
  .transform((seen): { pull: PullRequest; head: HeadSha } => ({
    pull: {
      number: seen.number,
      nodeId: seen.id,
      url: seen.url,
      state: STATES[seen.state],
      draft: seen.isDraft,
      mergedAt: seen.mergedAt,
      mergeSha: seen.mergeCommit?.oid ?? null,
    },
    head: seen.headRefOid,
  }))

const STATES = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const
