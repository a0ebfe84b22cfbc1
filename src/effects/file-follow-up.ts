import { SwitchyardError } from '../contract/failure.ts'
import type { EffectHandler } from '../engine/effects.ts'
import { repositoryOf } from '../github/octokit.ts'
import { createTicket, findTicket } from '../github/tickets.ts'
import { followUpMarker, renderFollowUp } from '../render/ticket.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Files what an agent noticed on the way as an issue beside the task's, once (JOB-14): found again by run and item. */
export function fileFollowUp({ github, identity, redactor }: GitHubEffects): EffectHandler<'file-follow-up'> {
  return async (effect, run) => {
    const item = run.followUps.find(({ id }) => id === effect.followUp)
    if (item === undefined) {
      const message = `The run has no follow-up ${effect.followUp}.`
      throw new SwitchyardError({ cause: 'internal', message })
    }
    const octokit = await github.installation(run.task.installationId)
    const repository = repositoryOf(run.task.repository)
    const marker = followUpMarker(run.id, item.id)
    const author = { login: identity.botLogin, id: identity.botId }
    const { title, body } = renderFollowUp(run, item)
    const ticket =
      (await findTicket(octokit, repository, { marker, author, since: run.createdAt })) ??
      (await createTicket(octokit, repository, {
        marker,
        title: redactor.redact(title),
        body: redactor.redact(body),
        labels: [],
      }))
    return {
      type: 'follow-up.filed',
      effect: effect.id,
      followUp: item.id,
      repository: run.task.repository,
      number: ticket.number,
      url: ticket.url,
    }
  }
}
