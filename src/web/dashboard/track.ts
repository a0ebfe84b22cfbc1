import type { Run } from '../../pipeline/model.ts'
import { stepName } from '../../render/step-name.ts'
import { waitsFor } from './board-data.ts'
import { type Html, html } from './html.ts'

/** Which of the few colours a state is shown in; words always say the same. */
export type Tone = 'you' | 'machine' | 'checks' | 'queue' | 'good' | 'bad' | 'quiet'

export function toneOf(run: Run): Tone {
  switch (run.status.state) {
    case 'done':
      return run.status.outcome === 'nothing-to-do' ? 'quiet' : 'good'
    case 'failed':
      return 'bad'
    case 'stopped':
      return 'quiet'
    case 'queued':
    case 'active':
    case 'paused':
      return waitsFor(run) ?? 'quiet'
  }
}

/** The run's steps as stations of a line: how far it has come, at a glance. */
export function track(run: Run): Html {
  const steps = run.steps.filter(({ config }) => config.enabled)
  const done = steps.filter(({ status }) => status.state === 'done').length
  return html`<ol class="track" role="img" aria-label="${done} of ${steps.length} steps done">${steps.map(
    (step) => html`<li data-state="${step.status.state}" title="${stepName(step)}"></li>`,
  )}</ol>`
}
