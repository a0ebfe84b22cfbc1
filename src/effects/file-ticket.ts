import type { EffectHandler } from '../engine/effects.ts'
import { repositoryOf } from '../github/octokit.ts'
import { createTicket, findTicket } from '../github/tickets.ts'
import { renderTicket, ticketMarker } from '../render/ticket.ts'
import type { GitHubEffects } from './dependencies.ts'

/** Files the issue of a step, once (STP-14): it is found again by a marker that names run and step. */
export function fileTicket({ github, identity, redactor }: GitHubEffects): EffectHandler<'file-ticket'> {
  return async (effect, run) => {
    const octokit = await github.installation(run.task.installationId)
    const repository = repositoryOf(effect.repository)
    const marker = ticketMarker(run.id, effect.step)
    const author = { login: identity.botLogin, id: identity.botId }
    const { title, body } = renderTicket(run, effect)
    const ticket =
      (await findTicket(octokit, repository, { marker, author, since: run.createdAt })) ??
      (await createTicket(octokit, repository, {
        marker,
        title: redactor.redact(title),
        body: redactor.redact(body),
        labels: effect.labels,
      }))
    return { type: 'ticket.filed', effect: effect.id, repository: effect.repository, number: ticket.number, url: ticket.url }
  }
}
