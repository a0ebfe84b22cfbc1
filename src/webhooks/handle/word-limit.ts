/**
 * Bounds what somebody without rights can make Switchyard write: a comment of ours mails everybody who follows the thread.
 * Every command still gets its reaction (CMD-4).
 */
import { authorise } from '../../commands/authorise.ts'
import { repositoryOf } from '../../github/octokit.ts'
import { claimTriggerAnew } from '../../store/taken-triggers.ts'
import type { Intake } from './intake.ts'
import type { Conversation } from './perform.ts'
import { askerOf } from './permission.ts'

/** Answers in words that somebody who may not steer runs gets in one conversation within {@link WITHIN_MS}. */
export const WORDS_MAX = 3
/** In ms. */
export const WITHIN_MS = 3_600_000

const NOTICE =
  'For an hour, further commands of yours in this conversation get a reaction only: who may not steer runs gets no more words than this.'

/** The answer as it is to be given; null where only a reaction is left. */
export async function withinLimit(intake: Intake, conversation: Conversation, text: string): Promise<string | null> {
  const slot = await takeSlot(intake, conversation)
  if (slot !== null && slot < WORDS_MAX) return text
  if (await maySteer(intake, conversation)) return text
  return slot === null ? null : `${text}\n\n${NOTICE}`
}

/** The number of this answer within the time, from 1; null when there were enough. */
async function takeSlot({ store, now }: Intake, { repository, number, actor }: Conversation): Promise<number | null> {
  const at = now()
  for (let slot = 1; slot <= WORDS_MAX; slot += 1) {
    const key = `words:${repository.id}:${number}:${actor.id}:${slot}`
    if (await claimTriggerAnew(store.db, key, at - WITHIN_MS, at)) return slot
  }
  return null
}

/** Asked for only where it matters. */
async function maySteer(intake: Intake, { octokit, repository, actor, rules }: Conversation): Promise<boolean> {
  const asked = { verb: 'stop', who: 'start', bots: true } as const
  const asker = await askerOf(intake, octokit, repositoryOf(repository.fullName), actor, null, { asked, rules })
  return authorise(asked, asker, rules).allowed
}
