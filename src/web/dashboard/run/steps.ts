import type { Instant, Run, Step } from '../../../pipeline/model.ts'
import { type StageRow, stageRows } from '../../../render/stages.ts'
import { stepName } from '../../../render/step-name.ts'
import type { JobRow } from '../../../store/jobs.ts'
import { type Html, html } from '../html.ts'
import { markdownLine } from '../markdown.ts'
import { moment } from '../moment.ts'
import type { RunView } from './run-data.ts'

const STATES: Record<Step['status']['state'], string> = {
  pending: 'to come',
  active: 'now',
  done: 'done',
  skipped: 'skipped',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** The steps as a time line, each with the logs of its attempts. */
export function stepsOf({ run, jobs, job }: RunView, now: Instant): Html {
  return html`<ol class="timeline">${rowsByStep(run, now).map(({ step, row }) => {
    const own = jobs.filter((candidate) => candidate.step === step.id)
    return html`<li data-state="${step.status.state}"${step.status.state === 'active' ? html` aria-current="step"` : ''}>
<span class="mark" aria-hidden="true">${row.mark}</span>
<div class="step"><p class="name"><strong>${stepName(step)}</strong> <span class="visually-hidden">${STATES[step.status.state]}</span>${spent(step, row)}</p>
${row.detail === '' ? '' : html`<p class="detail">${markdownLine(row.detail)}</p>`}
${attempts(step, own)}${logs(run, step, own, job)}</div></li>`
  })}</ol>`
}

/** The stage table puts what has not begun into one row; here each step has its own. */
function rowsByStep(run: Run, now: Instant): { step: Step; row: StageRow }[] {
  const rows = stageRows(run, now).flatMap((row) => row.names.map(() => row))
  const steps = run.steps.filter(({ config }) => config.enabled)
  return steps.flatMap((step, index) => {
    const row = rows[index]
    return row === undefined ? [] : [{ step, row }]
  })
}

/** Time and cost; on hover, when it was entered last. */
function spent({ startedAt }: Step, { spent: words }: StageRow): Html {
  return startedAt === null || words === '' ? html`` : html`<span class="small">${moment(startedAt, words)}</span>`
}

/** Steps with jobs show an attempt by its log; for others the count is all there is. */
function attempts(step: Step, own: readonly JobRow[]): Html {
  return own.length === 0 && step.epoch > 1 ? html`<p class="small">entered ${step.epoch} times</p>` : html``
}

function logs(run: Run, step: Step, own: readonly JobRow[], shown: JobRow | null): Html {
  // The jobs of a dynamic workflow stand with its calls.
  if (own.length === 0 || step.kind === 'workflow') return html``
  return html`<p class="small logs"><span>Log</span> ${own.map((job, index) => {
    const words = `attempt ${index + 1}${job.state === 'running' ? ', running' : job.state === 'cancelled' ? ', cancelled' : ''}`
    const href = `/runs/${run.id}?job=${job.id}#log`
    return job.id === shown?.id
      ? html`<a href="${href}" aria-current="true">${words}</a> `
      : html`<a href="${href}">${words}</a> `
  })}</p>`
}
