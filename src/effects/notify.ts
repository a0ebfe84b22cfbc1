import type { EffectHandler } from '../engine/effects.ts'
import { noticeMessage } from '../render/notice.ts'
import { getProjection } from '../store/projections.ts'
import type { GitHubEffects } from './dependencies.ts'
import type { PostNotice } from './post-notice.ts'
import { STATUS_COMMENT } from './show/status-comment.ts'

export interface NotifyDependencies extends Pick<GitHubEffects, 'store' | 'redactor'> {
  /** Null where the deployment has no receiver. */
  postNotice: PostNotice | null
}

/** Tells the deployment's receiver once that somebody has to do something (NOT-1). Told twice only after a crash between. */
export function notify({ store, redactor, postNotice }: NotifyDependencies): EffectHandler<'notify'> {
  return async ({ notice }, run) => {
    if (postNotice === null) return null
    const comment = (await getProjection(store.db, run.id, STATUS_COMMENT))?.externalId
    const url = comment == null ? run.task.url : `${run.task.url}#issuecomment-${comment}`
    const message = noticeMessage(run, notice, url)
    await postNotice({ ...message, text: redactor.redact(message.text) })
    return null
  }
}
