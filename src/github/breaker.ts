/**
 * One circuit breaker per installation (FAIL-4). GitHub's limits are an installation's, so whoever is told of one keeps
 * all others of that installation, in all processes, from asking on: GitHub would only add to the time.
 */
import type { ProbotOctokit } from 'probot'
import { z } from 'zod'
import type { Instant } from '../pipeline/model.ts'
import { githubError, resetOf, retryAfterOf, SECONDARY_LIMIT_WAIT_MS } from './errors.ts'

/** How old the copy of what the store says may be, in ms: so late another process learns of a limit. */
export const COPY_MAX_AGE_MS = 1_000
/** Longest time an installation is kept from asking at once, in ms. GitHub's windows are an hour; clocks differ. */
export const LONGEST_BLOCK_MS = 65 * 60_000
/** Installations whose copies are kept at hand. */
const COPIES_MAX = 1_000
/** What the breaker's own answers carry. */
const HELD_BACK = 'x-switchyard-held-back'

/** From when and until when an installation is left alone. */
export interface Block {
  since: Instant
  until: Instant
}

/** Where all processes see the blocks. */
export interface BlockStore {
  /** The block of this installation that is not over yet. */
  read(installationId: number, now: Instant): Promise<Block | null>
  /** Begins a block, or makes the one that there is longer; never shorter. */
  extend(installationId: number, until: Instant, now: Instant): Promise<Block>
}

export interface Breaker {
  /** The block that holds now; null where GitHub may be asked. */
  blocked(installationId: number): Promise<Block | null>
  /** GitHub wants to be left alone until then. */
  open(installationId: number, until: Date): Promise<void>
}

/** A breaker over a store, with a copy in this process, so that not every request asks the store. */
export function createBreaker({ store, now }: { store: BlockStore; now: () => Instant }): Breaker {
  const copies = new Map<number, { block: Block | null; readAt: Instant }>()
  const keep = (installationId: number, block: Block | null): Block | null => {
    copies.delete(installationId)
    const oldest = copies.keys().next()
    if (copies.size >= COPIES_MAX && oldest.done === false) copies.delete(oldest.value)
    copies.set(installationId, { block, readAt: now() })
    return block
  }
  return {
    async blocked(installationId) {
      const copy = copies.get(installationId)
      if (copy?.block && copy.block.until > now()) return copy.block
      // A block that has just ended may have been made longer by another process.
      if (copy?.block === null && now() - copy.readAt < COPY_MAX_AGE_MS) return null
      return keep(installationId, await store.read(installationId, now()))
    },
    async open(installationId, until) {
      const at = now()
      const end = Math.min(until.getTime(), at + LONGEST_BLOCK_MS)
      if (end > at) keep(installationId, await store.extend(installationId, end, at))
    },
  }
}

/** Blocks that only this process knows of. */
export function inMemoryBlocks(): BlockStore {
  const blocks = new Map<number, Block>()
  const read = (installationId: number, now: Instant): Block | null => {
    const block = blocks.get(installationId)
    return block !== undefined && block.until > now ? block : null
  }
  return {
    read: async (installationId, now) => read(installationId, now),
    extend: async (installationId, until, now) => {
      const before = read(installationId, now)
      const block = { since: before?.since ?? now, until: Math.max(until, before?.until ?? 0) }
      blocks.set(installationId, block)
      return block
    },
  }
}

type Client = InstanceType<typeof ProbotOctokit>

/**
 * Puts the breaker into a client of one installation. Every answer is looked at. While it is open a request is answered
 * as GitHub would answer it, without being sent: at the very last moment, since a write may have waited for its turn.
 */
export function breakCircuit(
  octokit: Pick<Client, 'hook'>,
  installationId: number,
  breaker: Breaker,
  now: () => Instant,
): void {
  octokit.hook.wrap('request', async (request, options) => {
    // Asked for as the App, which has limits of its own.
    if (options.url.endsWith('/access_tokens')) return request(options)
    const send: typeof fetch = options.request?.fetch ?? fetch
    const guarded: typeof fetch = async (...given) => {
      const block = await breaker.blocked(installationId)
      return block === null ? send(...given) : heldBack(block, now())
    }
    options.request = { ...options.request, fetch: guarded }
    try {
      const answer = await request(options)
      const until = usedUp(answer, now())
      if (until !== null) await breaker.open(installationId, until)
      return answer
    } catch (error) {
      const { until } = githubError(error, 'ask', now())
      if (until !== null && !wasHeldBack(error)) await breaker.open(installationId, until)
      throw error
    }
  })
}

function heldBack({ until }: Block, now: Instant): Response {
  const headers = { 'retry-after': String(Math.max(0, until - now) / 1_000), [HELD_BACK]: 'yes' }
  const message = 'Not asked: the rate limit of this installation is used up.'
  return Response.json({ message }, { status: 429, headers })
}

const HeldBack = z.object({ response: z.object({ headers: z.object({ [HELD_BACK]: z.literal('yes') }) }) })

/** Whether this is the breaker's own answer: the request was not sent. */
export function wasHeldBack(error: unknown): boolean {
  return HeldBack.safeParse(error).success
}

const Answered = z.object({
  headers: z.record(z.string(), z.union([z.string(), z.number()]).optional()),
  data: z.unknown(),
})
/** GraphQL answers 200 all the same. */
const Refused = z.object({ errors: z.array(z.object({ type: z.string().optional() })) })
/** Searches and the like have small limits of their own, which are no reason to leave everything alone. */
const SHARED_RESOURCES: readonly unknown[] = [undefined, 'core', 'graphql']

/**
 * Until when nothing more is to be asked after an answer that was given: it was the last one, or GraphQL's "no".
 *
 * @see https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
 */
function usedUp(answer: unknown, now: Instant): Date | null {
  const { data } = Answered.safeParse(answer)
  if (data === undefined) return null
  const { headers } = data
  const last =
    String(headers['x-ratelimit-remaining'] ?? '') === '0' && SHARED_RESOURCES.includes(headers['x-ratelimit-resource'])
  const refused = Refused.safeParse(data.data).data?.errors.some(({ type }) => type === 'RATE_LIMITED') ?? false
  if (!last && !refused) return null
  return retryAfterOf(headers, now) ?? resetOf(headers) ?? (refused ? new Date(now + SECONDARY_LIMIT_WAIT_MS) : null)
}
