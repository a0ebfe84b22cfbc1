import type { Instant, Run } from '../../../pipeline/model.ts'
import { workingOf } from '../../../pipeline/steps/workflow-data.ts'
import { roleOfCall } from '../../../pipeline/workflow.ts'
import { formatDuration } from '../../../render/duration.ts'
import { count, formatUsd } from '../../../render/money.ts'
import type { JobRow } from '../../../store/jobs.ts'
import type { RunCall } from '../../../store/workflow-calls.ts'
import { type Html, html } from '../html.ts'
import { moment, since } from '../moment.ts'
import type { RunView } from './run-data.ts'

/** Calls of a phase that are listed: those that came to nothing, those at work, then the newest. */
const SHOWN = 100

/** Where a call is, in the words of the status comment. */
type State = 'failed' | 'working' | 'asks' | 'waiting' | 'done'

const ORDER: readonly State[] = ['failed', 'asks', 'working', 'waiting', 'done']
const MARKS: Record<State, string> = { failed: '✗', asks: '●', working: '●', waiting: '○', done: '✓' }
const WORDS: Record<State, string> = {
  failed: 'came to nothing',
  asks: 'asks',
  working: 'working',
  waiting: 'waiting',
  done: 'done',
}

/** What a dynamic workflow's script asked for, by phase; nothing where the run has none. */
export function callsOf(view: RunView, now: Instant): Html {
  const { calls } = view
  if (calls.length === 0) return html``
  const phases = Map.groupBy(calls, ({ phase }) => phase ?? 'Calls')
  return html`<section aria-labelledby="calls"><h2 id="calls">Calls</h2>
${[...phases].map(([title, own], index) => phaseOf(view, title, own, index, now))}</section>`
}

function phaseOf(view: RunView, title: string, calls: readonly RunCall[], index: number, now: Instant): Html {
  const seen = calls.map((call) => ({ call, state: stateOf(view.run, call) }))
  const done = seen.filter(({ state }) => state === 'done').length
  const failed = seen.filter(({ state }) => state === 'failed').length
  const listed = ORDER.flatMap((state) => seen.filter((each) => each.state === state).toReversed()).slice(0, SHOWN)
  const more = seen.length - listed.length
  const words = `${done} of ${count(seen.length, 'call')} done${failed === 0 ? '' : `, ${failed} came to nothing`}`
  return html`<details id="phase-${index}" data-keep><summary>${title} <span class="small">${words}</span>
<progress value="${done + failed}" max="${seen.length}" aria-label="${title}: ${words}"></progress></summary>
<div class="scroll"><table><thead><tr><th scope="col">State</th><th scope="col">Call</th><th scope="col">Role</th><th scope="col">Took</th><th scope="col">Cost</th><th scope="col">Log</th></tr></thead>
<tbody>${listed.map(({ call, state }) => row(view, call, state, now))}</tbody></table></div>
${more === 0 ? '' : html`<p class="quiet">and ${more} more</p>`}</details>`
}

function row({ run, jobs }: RunView, call: RunCall, state: State, now: Instant): Html {
  const { label, costUsd, job, why } = call
  const took = tookOf(jobs.find(({ id }) => id === job) ?? null, state, now)
  const log =
    job === null ? '' : html`<a href="/runs/${run.id}?job=${job}#log">log<span class="visually-hidden"> of ${label}</span></a>`
  return html`<tr data-state="${state}"><td class="when"><span aria-hidden="true">${MARKS[state]}</span> ${WORDS[state]}</td>
<td>${label}${why === null ? '' : html`<br><span class="small">${why}</span>`}</td><td>${call.kind === 'agent' ? roleOfCall(call) : call.kind}</td><td class="when">${took}</td>
<td class="when">${costUsd === null ? '' : formatUsd(costUsd)}</td><td>${log}</td></tr>`
}

/** How long its agent works, or worked; not how long it waited for a place. */
function tookOf(job: JobRow | null, state: State, now: Instant): Html {
  if (job === null || job.startedAt === null) return html``
  if (job.endedAt !== null) return moment(job.startedAt, formatDuration(job.endedAt - job.startedAt))
  return state === 'working' ? since(job.startedAt, now) : html``
}

function stateOf(run: Run, { step, index, kind, state }: RunCall): State {
  if (state !== 'asked') return state
  if (kind === 'checkpoint') return 'asks'
  const own = run.steps.find(({ id }) => id === step)
  const data = own === undefined ? null : workingOf(own)
  return data?.calls.some((call) => call.index === index) === true ? 'working' : 'waiting'
}
