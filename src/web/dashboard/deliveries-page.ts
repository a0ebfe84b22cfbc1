import type { Instant } from '../../pipeline/model.ts'
import type { DeliveryRow, DeliveryState } from '../../store/deliveries.ts'
import { type Html, html } from './html.ts'
import { type Frame, layout } from './layout.ts'
import { ago } from './moment.ts'
import type { Tone } from './track.ts'

const REFRESH_MS = 5_000
/** Most deliveries shown. */
export const DELIVERIES_SHOWN = 100

const STATES: Record<DeliveryState, { word: string; tone: Tone }> = {
  stored: { word: 'waiting', tone: 'queue' },
  done: { word: 'done', tone: 'good' },
  ignored: { word: 'ignored', tone: 'quiet' },
  failed: { word: 'failed', tone: 'bad' },
}

/** The webhooks that came last, and what became of them. */
export function deliveriesPage(frame: Frame, deliveries: readonly DeliveryRow[], now: Instant): Html {
  return layout(frame, {
    title: 'Deliveries',
    section: 'deliveries',
    refreshMs: REFRESH_MS,
    body: html`<h1>Deliveries</h1>
<p class="quiet">The last ${DELIVERIES_SHOWN} webhooks from GitHub, newest first. Ignored ones were about nothing that Switchyard acts on.</p>
<div id="deliveries" data-live>${deliveries.length === 0 ? none() : list(deliveries, now)}</div>`,
  })
}

function none(): Html {
  return html`<section class="notice"><h2>No webhook has arrived</h2>
<p>GitHub must reach this machine at the webhook address in the App’s settings. There, under “Advanced”, it lists what it tried to deliver and why it failed.</p></section>`
}

function list(deliveries: readonly DeliveryRow[], now: Instant): Html {
  return html`<table class="wide"><thead><tr><th scope="col">Event</th><th scope="col">State</th><th scope="col" class="when">Received</th><th scope="col" class="extra">Delivery</th></tr></thead>
<tbody>${deliveries.map((delivery) => row(delivery, now))}</tbody></table>`
}

function row({ id, event, action, state, attempts, error, receivedAt }: DeliveryRow, now: Instant): Html {
  const { word, tone } = STATES[state]
  return html`<tr><td><strong>${event}</strong>${action === null ? '' : html` <span class="where">${action}</span>`}
${error === null ? '' : html`<p class="error">${error}</p>`}</td>
<td><span class="pill" data-tone="${tone}">${word}</span>${attempts > 1 ? html` <span class="small">${attempts} attempts</span>` : ''}</td>
<td class="small when">${ago(receivedAt, now)}</td><td class="extra mono">${id}</td></tr>`
}
