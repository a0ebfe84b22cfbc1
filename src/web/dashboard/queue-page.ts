import type { OfferedRuntime } from '../../contract/api.ts'
import type { RunnerSandboxState } from '../../contract/sandbox.ts'
import type { Instant } from '../../pipeline/model.ts'
import { queuedRuns } from '../../store/admission.ts'
import type { Db } from '../../store/db.ts'
import { type JobRow, liveJobs } from '../../store/jobs.ts'
import { liveRunners, RUNNER_LOST_MS, type SeenRunner } from '../../store/runners.ts'
import { getRunRow, type RunRow } from '../../store/runs.ts'
import { type Html, html } from './html.ts'
import { type Frame, layout } from './layout.ts'
import { ago, since } from './moment.ts'

const REFRESH_MS = 5_000
/** Runs in line that are shown with their title. */
const MAX_QUEUED = 100

export interface QueueView {
  line: { row: RunRow; place: number; priority: boolean }[]
  /** How many wait in all. */
  waiting: number
  jobs: JobRow[]
  runners: SeenRunner[]
}

export async function loadQueue(db: Db, now: Instant): Promise<QueueView> {
  const [queued, jobs, runners] = await Promise.all([queuedRuns(db), liveJobs(db), liveRunners(db, now - RUNNER_LOST_MS)])
  const rows = await Promise.all(queued.slice(0, MAX_QUEUED).map(({ id }) => getRunRow(db, id)))
  const line = rows.flatMap((row, index) =>
    row === null ? [] : [{ row, place: index + 1, priority: queued[index]?.priority ?? false }],
  )
  return { line, waiting: queued.length, jobs, runners }
}

/** Who waits for a place, which jobs there are, and who does them. */
export function queuePage(frame: Frame, view: QueueView, now: Instant): Html {
  return layout(frame, {
    title: 'Queue',
    section: 'queue',
    refreshMs: REFRESH_MS,
    body: html`<div id="queue" data-live class="stack"><h1>Queue</h1>
<section aria-labelledby="line"><h2 id="line">Runs in line <span class="count">${view.waiting}</span></h2>${lineOf(view, now)}</section>
<section aria-labelledby="jobs"><h2 id="jobs">Jobs <span class="count">${view.jobs.length}</span></h2>${jobsOf(view.jobs, now)}</section>
<section aria-labelledby="runners"><h2 id="runners">Runners <span class="count">${view.runners.length}</span></h2>${runnersOf(view.runners, now)}</section></div>`,
  })
}

function lineOf({ line, waiting }: QueueView, now: Instant): Html {
  if (line.length === 0) return html`<p class="quiet">Nobody waits for a place.</p>`
  return html`<ol class="rows">${line.map(
    ({ row, place, priority }) => html`<li><span class="place">${place}</span>
<span class="what"><a href="/runs/${row.id}">${row.title}</a> <span class="where">${row.repository}#${row.number}${priority ? ' · priority' : ''}</span></span>
<span class="small">for ${since(row.createdAt, now)}</span></li>`,
  )}</ol>${waiting > line.length ? html`<p class="quiet">and ${waiting - line.length} more</p>` : ''}`
}

function jobsOf(jobs: readonly JobRow[], now: Instant): Html {
  if (jobs.length === 0) return html`<p class="quiet">No agent is at work.</p>`
  return html`<ul class="rows">${jobs.map((job) => {
    const running = job.state === 'running'
    const where = running ? `on ${job.runner ?? 'a runner'}` : 'waits for a runner'
    const sign = job.heartbeatAt === null ? '' : html` · sign of life ${ago(job.heartbeatAt, now)}`
    return html`<li><span class="pill" data-tone="${running ? 'machine' : 'queue'}">${running ? 'running' : 'waiting'}</span>
<span class="what"><a href="/runs/${job.runId}?job=${job.id}">${job.id}</a> <span class="where">${where}${job.cancel === null ? '' : ', to be stopped'}</span></span>
<span class="small">${since(job.startedAt ?? job.createdAt, now)}${sign}</span></li>`
  })}</ul>`
}

function runnersOf(runners: readonly SeenRunner[], now: Instant): Html {
  if (runners.length === 0) {
    return html`<p class="quiet">No runner has been heard of in the last ${RUNNER_LOST_MS / 1_000} s, so no job can begin. Start one with <code>npm run runner</code>.</p>`
  }
  return html`<ul class="rows">${runners.map(
    ({
      runner,
      version,
      concurrency,
      active,
      runtimes,
      sandbox,
      seenAt,
    }) => html`<li><span class="place">${active.length}/${concurrency}</span>
<span class="what"><strong>${runner}</strong> <span class="where">${active.length} of ${concurrency} places taken · version ${version}</span>
<span class="offers">${runtimes.length === 0 ? html`<span class="small">offers no agent</span>` : runtimes.map(offer)}${sandbox === undefined ? '' : walls(sandbox)}</span></span>
<span class="small">seen ${ago(seenAt, now)}</span></li>`,
  )}</ul>`
}

function offer({ name, version, ready, why }: OfferedRuntime): Html {
  const words = [name, version ?? '', ready ? '' : `not ready${why === undefined ? '' : `: ${why}`}`].filter(
    (part) => part !== '',
  )
  return html`<span class="pill" data-tone="${ready ? 'good' : 'quiet'}">${words.join(' ')}</span>`
}

const HAS: Readonly<Record<RunnerSandboxState['has'], string>> = {
  whole: 'jobs in a sandbox',
  processes: 'no sandbox, only processes are held together',
  none: 'no sandbox, and what jobs start may outlive them',
}

function walls({ mode, has, why }: RunnerSandboxState): Html {
  const words = `${HAS[has]} (SANDBOX=${mode}${why === undefined ? '' : `: ${why}`})`
  return html`<span class="pill" data-tone="${has === 'whole' ? 'good' : 'person'}">${words}</span>`
}
