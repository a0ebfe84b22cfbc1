import { z } from 'zod'

/** Most follow-ups that one job tells, and that one run keeps. */
export const FOLLOW_UPS_MAX = 50
/** Longest text of each field, in characters; what is longer is cut. */
export const FOLLOW_UP_MAX_CHARS = { kind: 40, title: 200, detail: 1_000, action: 500 } as const

/** Something worth doing that an agent noticed while it worked and that is not part of its task (JOB-14). Redacted by the runner. */
export const FollowUp = z.object({
  /** A word or two, the agent's own: `bug`, `debt`, `test`. */
  kind: z.string().min(1).max(FOLLOW_UP_MAX_CHARS.kind),
  title: z.string().min(1).max(FOLLOW_UP_MAX_CHARS.title),
  /** Empty where it said nothing more. */
  detail: z.string().max(FOLLOW_UP_MAX_CHARS.detail),
  /** What the agent suggests to do about it; may be empty. */
  action: z.string().max(FOLLOW_UP_MAX_CHARS.action),
})
export type FollowUp = z.infer<typeof FollowUp>

/** Two with the same key are the same: kind and title without case, spaces and punctuation. */
export function followUpKey({ kind, title }: Pick<FollowUp, 'kind' | 'title'>): string {
  return JSON.stringify([normalised(kind), normalised(title)])
}

function normalised(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase()
  const words = plain.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()
  return words === '' ? plain.trim() : words
}
