/** What of a human review is to be answered, and what still stands in the way (GATE-7). Pure: GitHub's answer goes in. */
import { z } from 'zod'
import { LegKey } from '../contract/ids.ts'
import type { Report } from '../contract/report.ts'
import { headsKey } from './checks-verdict.ts'
import type { ReviewSeen, ThreadSeen } from './events.ts'
import { contentHash } from './hash.ts'

type ChangeRequest = ReviewSeen['changeRequests'][number]

/** Longest reply that is posted, in characters. */
const REPLY_MAX = 12_000
/** Most remarks in one batch: as many as a report has room to answer. */
const REMARKS_MAX = 100
/** Longest evidence, in characters; what is over it is left for the next batch. */
const EVIDENCE_MAX = 100_000
/** Longest remark that is shown in full, in characters. */
const REMARK_MAX = 8_000

/** Something a person said that is to be answered: a conversation, or a request for changes. */
export const Remark = z.object({
  leg: LegKey,
  id: z.string(),
  kind: z.enum(['thread', 'request']),
  /** When it was last added to, as GitHub says it. */
  at: z.string(),
})
export type Remark = z.infer<typeof Remark>

/** What is said in a conversation, and whether that ends it. */
export const Reply = z.object({
  leg: LegKey,
  thread: z.string(),
  text: z.string().max(REPLY_MAX),
  resolve: z.boolean(),
  /** `at` of the remark that is answered: what came after it keeps the conversation open. */
  seenUntil: z.string().optional(),
})
export type Reply = z.infer<typeof Reply>

/** What is sent to the responder at once. */
export interface Batch {
  /** Names exactly these remarks on exactly these heads: seen twice, another round would be for nothing (GATE-1). */
  key: string
  remarks: Remark[]
  evidence: string
}

/** Names a remark as it stands now; once somebody adds to it, it has another name. */
export function remarkName({ id, at }: Pick<Remark, 'id' | 'at'>): string {
  return `${id}@${at}`
}

function lastOf(thread: ThreadSeen): string {
  return thread.comments.at(-1)?.at ?? ''
}

/** An unresolved conversation in which somebody who may steer runs had the last word. */
function threadDue(thread: ThreadSeen): boolean {
  return !thread.resolved && thread.trusted && !thread.answered
}

/** Whose remarks are still open and not followed: these may not steer runs, which GitHub was asked about. */
export function unheededOf(legs: readonly ReviewSeen[]): string[] {
  const names = legs.flatMap(({ changeRequests, threads }) => [
    ...changeRequests.filter(({ trusted }) => !trusted).map(({ by }) => by),
    ...threads
      .filter(({ resolved, trusted, answered }) => !resolved && !trusted && !answered)
      .flatMap(({ comments }) => comments.at(-1)?.by ?? []),
  ])
  return [...new Set(names)].toSorted()
}

/** The people and what becomes of what they said, as a clause. */
export function unheededWords(names: readonly string[]): string {
  const who = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  return `remarks by ${who} are left to you: only people who may write here are followed`
}

/** One with words of its own; without, its conversations say what is wanted. */
function requestDue({ trusted, body }: ChangeRequest): boolean {
  return trusted && body.trim() !== ''
}

/** Everything that is due, but for remarks that `settled` names; null where nothing is. */
export function batchOf(legs: readonly ReviewSeen[], settled: readonly string[]): Batch | null {
  const fresh = (remark: Remark) => !settled.includes(remarkName(remark))
  const known = trustedLogins(legs)
  const parts: string[] = []
  const remarks: Remark[] = []
  let length = 0
  const take = (remark: Remark, text: string) => {
    const full = remarks.length === REMARKS_MAX || (remarks.length > 0 && length + text.length > EVIDENCE_MAX)
    if (full || !fresh(remark)) return
    length += text.length + 2
    remarks.push(remark)
    parts.push(text)
  }
  for (const { leg, head, pull, changeRequests, threads } of legs) {
    const place = `${leg.replace('__', '/')}#${pull.number} at ${head}`
    for (const request of changeRequests.filter(requestDue))
      take({ leg, id: request.id, kind: 'request', at: request.at }, requestText(place, request))
    for (const thread of threads.filter(threadDue))
      take({ leg, id: thread.id, kind: 'thread', at: lastOf(thread) }, threadText(place, thread, known))
  }
  if (remarks.length === 0) return null
  const names = remarks.map((remark) => `${remark.leg} ${remarkName(remark)}`).toSorted()
  // A pull request without a remark does not count: that its head moved makes what is asked of the others no newer.
  const asked = legs.filter(({ leg }) => remarks.some((remark) => remark.leg === leg))
  return { key: contentHash([headsKey(asked), names]), remarks, evidence: parts.join('\n\n').slice(0, EVIDENCE_MAX) }
}

/** Who is known to be allowed to steer runs, from what GitHub said of their remarks. */
function trustedLogins(legs: readonly ReviewSeen[]): ReadonlySet<string> {
  return new Set(
    legs.flatMap(({ changeRequests, threads }) => [
      ...changeRequests.filter(({ trusted }) => trusted).map(({ by }) => by),
      ...threads.filter(({ trusted, answered }) => trusted && !answered).flatMap(({ comments }) => comments.at(-1)?.by ?? []),
    ]),
  )
}

function requestText(place: string, { id, by, body }: ChangeRequest): string {
  return `## Conversation ${id} in ${place}: @${by} requests changes\n${body.slice(0, REMARK_MAX)}`
}

/** What others wrote in between is left out: it is never sent to an agent that can change code. */
function threadText(place: string, { id, path, line, outdated, comments }: ThreadSeen, known: ReadonlySet<string>): string {
  const at = path === null ? '' : `, on ${path}${line === null ? '' : `:${line}`}${outdated ? ' (of an earlier version)' : ''}`
  const said = comments.map(({ by, body }) =>
    known.has(by)
      ? `@${by}:\n${body.slice(0, REMARK_MAX)}`
      : `@${by}: (left out; only remarks of reviewers with rights are shown)`,
  )
  return [`## Conversation ${id} in ${place}${at}`, ...said].join('\n')
}

/**
 * The replies that a responder's report gives, one for each remark of its batch at most. What it says to have changed
 * counts as done only where something was pushed; a rebuttal stays open for the person.
 */
export function repliesTo(batch: readonly Remark[], threads: Report['threads'], pushed: boolean): Reply[] {
  const given = threads ?? []
  return batch.flatMap(({ leg, id, kind, at }) => {
    const answer = given.find(({ thread }) => thread === id)
    if (answer === undefined) return []
    const done = answer.outcome === 'answered' || (answer.outcome === 'changed' && pushed)
    const text = answer.reply.slice(0, REPLY_MAX)
    return [{ leg, thread: id, text, resolve: kind === 'thread' && done, seenUntil: at }]
  })
}

/**
 * Why these pull requests do not pass the review, a clause for each; empty where nothing stands in the way. GitHub's own
 * judgement goes first; a trusted person's standing request for changes holds also where no rule of GitHub demands it.
 */
export function reviewHolds(legs: readonly ReviewSeen[], approvals: number, settled: readonly string[]): string[] {
  return legs.flatMap(({ leg, decision, approvedBy, changeRequests }) => {
    const repository = leg.replace('__', '/')
    const standing = changeRequests.filter((request) => request.trusted && !settled.includes(remarkName(request)))
    if (standing.length > 0)
      return [`${repository}: changes are requested by ${[...new Set(standing.map(({ by }) => `@${by}`))].join(', ')}`]
    if (decision === 'changes-requested') return [`${repository}: changes are requested`]
    if (decision === 'review-required') return [`${repository}: GitHub's rules demand a review`]
    const count = new Set(approvedBy).size
    return count < approvals ? [`${repository}: ${count} of ${approvals} approvals of the current commit`] : []
  })
}
