import type { Instant } from '../../pipeline/model.ts'
import type { Db } from '../../store/db.ts'
import { type FireRow, listSchedules, newestFires, type ScheduleRow } from '../../store/schedules.ts'
import { type Html, html, outside } from './html.ts'
import { type Frame, layout } from './layout.ts'
import { ago } from './moment.ts'
import type { Tone } from './track.ts'

const REFRESH_MS = 15_000
/** Most schedules shown. */
const SCHEDULES_SHOWN = 200
/** Most of the times that they came shown. */
const FIRES_SHOWN = 100

const STATES: Record<FireRow['state'], { word: string; tone: Tone }> = {
  due: { word: 'due', tone: 'queue' },
  started: { word: 'started', tone: 'good' },
  skipped: { word: 'left out', tone: 'quiet' },
  refused: { word: 'refused', tone: 'bad' },
  failed: { word: 'failed', tone: 'bad' },
}

export interface SchedulesView {
  schedules: ScheduleRow[]
  /** Newest first. */
  fires: FireRow[]
}

export async function loadSchedules(db: Db): Promise<SchedulesView> {
  const [schedules, fires] = await Promise.all([listSchedules(db, SCHEDULES_SHOWN), newestFires(db, FIRES_SHOWN)])
  return { schedules, fires }
}

/** What the clock starts: when each comes next, and what became of the times before. */
export function schedulesPage(frame: Frame, view: SchedulesView, serverUrl: string, now: Instant): Html {
  return layout(frame, {
    title: 'Schedules',
    section: 'schedules',
    refreshMs: REFRESH_MS,
    body: html`<div id="schedules" data-live class="stack"><h1>Schedules</h1>
<section aria-labelledby="next"><h2 id="next">What comes <span class="count">${view.schedules.length}</span></h2>${comesNext(view.schedules)}</section>
<section aria-labelledby="came"><h2 id="came">What came</h2>${came(view, serverUrl, now)}</section></div>`,
  })
}

function comesNext(schedules: readonly ScheduleRow[]): Html {
  if (schedules.length === 0) {
    return html`<p class="quiet">No repository has <code>schedules</code> in its <code>.github/switchyard.yml</code>.</p>`
  }
  return html`<ul class="rows">${schedules.map(
    ({ name, repository, cron, timeZone, pipeline, nextAt }) => html`<li>
<span class="what"><strong>${name}</strong> <span class="where">${repository} · pipeline ${pipeline} · <code>${cron}</code> ${timeZone}</span></span>
<span class="small">${nextAt === null ? 'never again' : momentIn(timeZone, nextAt)}</span></li>`,
  )}</ul>`
}

function came({ fires, schedules }: SchedulesView, serverUrl: string, now: Instant): Html {
  if (fires.length === 0) return html`<p class="quiet">None has come yet.</p>`
  const repositories = new Map(schedules.map(({ repositoryId, repository }) => [repositoryId, repository]))
  return html`<ul class="rows">${fires.map(({ repositoryId, name, dueAt, state, issue, runId, why }) => {
    const { word, tone } = STATES[state]
    const repository = repositories.get(repositoryId)
    const number = issue === null ? '' : html` · ${issueLink(serverUrl, repository, issue)}`
    const title = runId === null ? name : html`<a href="/runs/${runId}">${name}</a>`
    return html`<li><span class="pill" data-tone="${tone}">${word}</span>
<span class="what">${title} <span class="where">${repository ?? ''}${number}${why === '' ? '' : ` · ${why}`}</span></span>
<span class="small">${ago(dueAt, now)}</span></li>`
  })}</ul>`
}

/** A schedule that is gone leaves no name of its repository. */
function issueLink(serverUrl: string, repository: string | undefined, issue: number): Html {
  return repository === undefined ? html`#${issue}` : outside(`${serverUrl}/${repository}/issues/${issue}`, `#${issue}`)
}

/** A moment by the clocks of the schedule's time zone. */
function momentIn(timeZone: string, at: Instant): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
}
