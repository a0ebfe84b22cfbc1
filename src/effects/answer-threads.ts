import { crashPoint } from '../contract/crash-point.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { createComment, findMarked } from '../github/comments.ts'
import { isOwnAccount } from '../github/identity.ts'
import { type Octokit, repositoryOf } from '../github/octokit.ts'
import { type Author, readReview, type Thread } from '../github/reviews.ts'
import { replyInThread, resolveThread } from '../github/threads.ts'
import type { EffectOf } from '../pipeline/effects.ts'
import type { Leg } from '../pipeline/model.ts'
import { legOf } from '../pipeline/state.ts'
import { safeBlock } from '../render/safe-text.ts'
import type { GitHubEffects } from './dependencies.ts'

/** A reply is no longer than this, in characters. */
const REPLY_MAX = 12_000

type Reply = EffectOf<'answer-threads'>['replies'][number]

/**
 * Replies in each conversation, once: an earlier reply is told by its hidden marker. What a review says as a whole has no
 * conversation, so that is answered on the pull request. What is gone is passed over. A conversation is resolved only if
 * nobody wrote in it since what was answered.
 */
export function answerThreads(dependencies: GitHubEffects): EffectHandler<'answer-threads'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    let answered = 0
    for (const [key, replies] of Map.groupBy(effect.replies, ({ leg }) => leg)) {
      answered += await answerLeg(dependencies, octokit, legOf(run, key), replies, effect.id)
    }
    return { type: 'threads.answered', effect: effect.id, answered }
  }
}

async function answerLeg(
  dependencies: GitHubEffects,
  octokit: Octokit,
  { repository, pull }: Leg,
  replies: readonly Reply[],
  effect: string,
): Promise<number> {
  if (pull === null) return 0
  const { threads, opinions } = await readReview(octokit, repositoryOf(repository), pull.number)
  let answered = 0
  for (const reply of replies) {
    const text = safeBlock(dependencies.redactor.redact(reply.text), REPLY_MAX)
    const marker = `<!-- switchyard:thread ${effect} ${reply.thread} -->`
    const thread = threads.find(({ id }) => id === reply.thread)
    const opinion = opinions.find(({ id }) => id === reply.thread)
    if (thread !== undefined) await answerThread(dependencies, octokit, thread, reply, { marker, text })
    else if (opinion !== undefined) {
      const at = { ...repositoryOf(repository), number: pull.number }
      await answerReview(dependencies, octokit, at, { marker, text: `@${opinion.by.login} ${text}` })
    } else {
      dependencies.log.info({ repo: repository, thread: reply.thread }, 'What was to be answered is gone')
      continue
    }
    answered += 1
  }
  return answered
}

async function answerThread(
  { identity }: GitHubEffects,
  octokit: Octokit,
  thread: Thread,
  reply: Reply,
  { marker, text }: { marker: string; text: string },
): Promise<void> {
  const isOurs = ({ id }: Author) => id !== null && isOwnAccount({ id }, identity)
  const said = thread.comments.some(({ by, body }) => isOurs(by) && body.includes(marker))
  if (!said && text !== '') {
    await replyInThread(octokit, thread.id, `${marker}\n${text}`)
    crashPoint('comment-posted')
  }
  if (reply.resolve && !thread.resolved && !hasNews(thread, reply, isOurs)) await resolveThread(octokit, thread.id)
}

async function answerReview(
  { identity }: GitHubEffects,
  octokit: Octokit,
  { number, ...repository }: { owner: string; repo: string; number: number },
  { marker, text }: { marker: string; text: string },
): Promise<void> {
  if ((await findMarked(octokit, repository, number, { marker, authorId: identity.botId })) !== null) return
  await createComment(octokit, repository, number, `${marker}\n${text}`)
  crashPoint('comment-posted')
}

/** Somebody wrote after what was answered: to resolve the conversation now would be to lose that. */
function hasNews({ comments }: Thread, { seenUntil }: Reply, isOurs: (author: Author) => boolean): boolean {
  if (seenUntil === undefined) return false
  return comments.some(({ by, at }) => !isOurs(by) && Date.parse(at) > Date.parse(seenUntil))
}
