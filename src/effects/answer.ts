import type { EffectHandler } from '../engine/effects.ts'
import { createComment, findMarked } from '../github/comments.ts'
import type { Octokit, Repository } from '../github/octokit.ts'
import { repositoryOf } from '../github/octokit.ts'
import { react } from '../github/reactions.ts'
import type { Trigger } from '../pipeline/task.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Where an answer goes, and to whom. */
export interface AnswerTo {
  repository: Repository
  number: number
  trigger: Trigger
  /** Names this answer: found again under it, the reply is not posted twice. */
  key: string
  result: 'done' | 'refused'
  /** Markdown; null where a reaction says all. */
  text: string | null
}

/** Answers a trigger where it was given (invariant 8). */
export function answer(dependencies: GitHubEffects): EffectHandler<'answer'> {
  return async (effect, run) => {
    const octokit = await dependencies.github.installation(run.task.installationId)
    const at = ('at' in effect.trigger ? effect.trigger.at : undefined) ?? run.task
    await answerTrigger(dependencies, octokit, {
      repository: repositoryOf(at.repository),
      number: at.number,
      trigger: effect.trigger,
      key: effect.id,
      result: effect.result,
      text: effect.text === null ? null : `@${effect.actor.login} ${effect.text}`,
    })
    return null
  }
}

/** A reaction at the trigger, and one reply where words are needed. Looks for its earlier reply first. */
export async function answerTrigger({ identity, redactor }: GitHubEffects, octokit: Octokit, to: AnswerTo): Promise<void> {
  if (to.trigger.kind === 'comment') {
    const reaction = to.result === 'done' ? 'rocket' : 'confused'
    await react(octokit, to.repository, { kind: 'comment', commentId: to.trigger.commentId }, reaction)
  }
  if (to.text === null) return
  const marker = `<!-- switchyard:reply ${to.key} -->`
  if ((await findMarked(octokit, to.repository, to.number, { marker, authorId: identity.botId })) !== null) return
  await createComment(octokit, to.repository, to.number, `${marker}\n${redactor.redact(to.text)}`)
}
