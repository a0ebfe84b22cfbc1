import type { Leg, Run } from '../../../pipeline/model.ts'
import { count } from '../../../render/money.ts'
import { legsInOrder, pullState, short } from '../../../render/pull-lines.ts'
import { type Html, html, outside } from '../html.ts'
import { markdownLine } from '../markdown.ts'

/** The legs: those with a pull request in their merge order, then the others. */
export function legsOf(run: Run, serverUrl: string): Html {
  const ordered = legsInOrder(run)
  const rest = run.legs.filter(({ pull }) => pull === null)
  return html`<ul class="legs">
${ordered.map((leg, index) => withPull(run, leg, ordered.length > 1 ? index + 1 : null, serverUrl))}
${rest.map((leg) => withoutPull(leg, serverUrl))}</ul>`
}

function withPull(run: Run, leg: Leg & { pull: NonNullable<Leg['pull']> }, place: number | null, serverUrl: string): Html {
  const tone = leg.pull.state === 'merged' ? 'good' : leg.pull.state === 'closed' ? 'bad' : 'machine'
  const order = place === null ? '' : `merges ${['first', 'second', 'third'][place - 1] ?? `as number ${place}`}, `
  return html`<li><p class="name">${outside(leg.pull.url, html`<strong>${leg.repository}#${leg.pull.number}</strong>`)}
<span class="pill" data-tone="${tone}">${leg.pull.state === 'open' && leg.pull.draft ? 'draft' : leg.pull.state}</span></p>
<p class="detail">${leg.role}, ${order}${markdownLine(pullState(run, leg))}</p>
${branch(leg, serverUrl)}</li>`
}

function withoutPull(leg: Leg, serverUrl: string): Html {
  const how =
    leg.access === 'read'
      ? 'read only'
      : leg.head !== null
        ? 'changed, no pull request yet'
        : leg.planned
          ? 'not changed yet'
          : 'left out by the plan'
  return html`<li class="faint"><p class="name"><strong>${leg.repository}</strong></p>
<p class="detail">${leg.role}, ${how}</p>${branch(leg, serverUrl)}</li>`
}

function branch(leg: Leg, serverUrl: string): Html {
  if (leg.head === null) return html``
  const commit = outside(`${serverUrl}/${leg.repository}/commit/${leg.head}`, html`<code>${short(leg.head)}</code>`)
  const files = leg.changedFiles === 0 ? '' : ` · ${count(leg.changedFiles, 'file')}`
  return html`<p class="small"><code class="branch">${leg.workBranch}</code> at ${commit}, onto <code>${leg.baseBranch}</code>${files}</p>`
}
