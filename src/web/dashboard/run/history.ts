import type { Instant } from '../../../pipeline/model.ts'
import { type Html, html } from '../html.ts'
import { ago } from '../moment.ts'
import type { RunView } from './run-data.ts'

/** What happened to the run, newest first: who, what, when, cause. */
export function historyOf({ history, older }: RunView, now: Instant): Html {
  if (history.length === 0) return html`<p class="quiet">Nothing has happened yet.</p>`
  return html`<ol class="history" reversed>${history.map(
    ({ at, what, step, who, text }) => html`<li><span class="small when">${ago(at, now)}</span>
<span>${step === null ? '' : html`<strong>${step}</strong> `}${text}${who === 'switchyard' ? '' : html` <span class="small">by ${who}</span>`}</span>
<span class="mono fact">${what}</span></li>`,
  )}</ol>${older === 0 ? '' : html`<p class="quiet">and ${older} older</p>`}`
}
