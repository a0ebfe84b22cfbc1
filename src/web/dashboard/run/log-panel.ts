import type { JobRow } from '../../../store/jobs.ts'
import { type Html, html } from '../html.ts'
import type { RunView } from './run-data.ts'

/** Where the agent's log appears; `assets/agent-log.js` fills it from the stream. */
export function logPanel({ run, job, chosen }: RunView): Html {
  const of = job === null ? '' : `?job=${job.id}`
  return html`<section class="log" id="log" aria-labelledby="log-title" data-run="${run.id}" data-version="${run.version}"
 data-job="${job?.id ?? ''}" data-chosen="${chosen ? 'yes' : 'no'}">
<div class="log-bar"><h2 id="log-title">Agent’s log</h2><span class="small mono" id="log-job">${job?.id ?? ''}</span>
<span class="pill" id="log-state" role="status" data-tone="quiet">…</span></div>
<div class="log-tools"><input id="log-filter" type="search" placeholder="Filter lines ( / )" aria-label="Filter lines" autocomplete="off" spellcheck="false">
<label><input id="log-follow" type="checkbox" checked> Follow</label>
<span class="small" id="log-count" role="status"></span>
<a class="small" id="log-text" href="/runs/${run.id}/log.txt${of}">as text</a></div>
<div class="log-lines" id="log-lines" tabindex="0" role="log" aria-live="off" aria-labelledby="log-title"></div>
<p class="log-empty" id="log-empty">${emptyWords(job)}</p>
<noscript><p class="log-empty">Lines arrive live with JavaScript; without, read the log <a href="/runs/${run.id}/log.txt${of}">as text</a>.</p></noscript>
</section>`
}

function emptyWords(job: JobRow | null): string {
  if (job === null) return 'No agent has worked on this run yet. Its log appears here when one does.'
  return job.state === 'queued' || job.state === 'running' ? 'No line has arrived yet.' : 'This job left no log.'
}
