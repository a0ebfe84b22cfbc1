import type { Instant, Run } from '../../pipeline/model.ts'
import { wordOf } from '../../render/doing.ts'
import { causeText } from '../../render/failure-text.ts'
import { formatTotal, formatUsd, totalCost } from '../../render/money.ts'
import { stageRows } from '../../render/stages.ts'
import { type Board, type BoardRun, WAITS, type WaitsFor } from './board-data.ts'
import { type Html, html } from './html.ts'
import { type Frame, layout } from './layout.ts'
import { markdownLine } from './markdown.ts'
import { ago, since } from './moment.ts'
import { toneOf, track } from './track.ts'

/** How often the board is fetched anew, in ms. */
const REFRESH_MS = 5_000

const COLUMNS: Record<WaitsFor, { title: string; empty: string }> = {
  you: { title: 'You', empty: 'Nothing waits for you.' },
  machine: { title: 'Machine', empty: 'No run is being worked on.' },
  checks: { title: 'Checks', empty: 'No checks are waited for.' },
  queue: { title: 'Queue', empty: 'Nobody waits for a place.' },
}

/** The runs by what they wait for, then those that ended last. */
export function boardPage(frame: Frame, board: Board, now: Instant): Html {
  const empty = WAITS.every((column) => board.columns[column].length === 0) && board.ended.length === 0
  return layout(frame, {
    title: 'Board',
    section: 'board',
    refreshMs: REFRESH_MS,
    body: html`<div id="board" data-live>${empty ? welcome() : full(board, now)}</div>`,
  })
}

function welcome(): Html {
  return html`<section class="notice"><h1>No runs yet</h1>
<p>Label an issue in a repository where the App is installed. Its run appears here, and the issue gets a status comment.</p>
<p>Nothing happens after labelling? See whether GitHub’s webhooks arrive under <a href="/deliveries">deliveries</a>.</p></section>`
}

function full(board: Board, now: Instant): Html {
  return html`<h1>${headline(board.columns.you.length)}</h1>
<div class="columns">${WAITS.map((id) => column(id, board.columns[id], now))}</div>
${board.more ? html`<p class="quiet">There are more live runs than fit here; these began last.</p>` : ''}
<section class="ended" aria-labelledby="ended"><h2 id="ended">Ended recently</h2>
${
  board.ended.length === 0
    ? html`<p class="quiet">No run has ended yet.</p>`
    : html`<ul class="rows">${board.ended.map(({ run }) => endedRow(run, now))}</ul>`
}</section>`
}

function headline(you: number): string {
  if (you === 0) return 'Nothing waits for you'
  return you === 1 ? 'One run waits for you' : `${you} runs wait for you`
}

function column(id: WaitsFor, runs: readonly BoardRun[], now: Instant): Html {
  const { title, empty } = COLUMNS[id]
  return html`<section class="column" data-waits="${id}" aria-labelledby="column-${id}">
<h2 id="column-${id}">${title} <span class="count">${runs.length}</span></h2>
${runs.length === 0 ? html`<p class="quiet">${empty}</p>` : html`<ul>${runs.map((entry) => card(entry, now))}</ul>`}
</section>`
}

function card({ run, place }: BoardRun, now: Instant): Html {
  return html`<li class="card">
<h3><a href="/runs/${run.id}">${run.task.title}</a></h3>
<p class="where">${run.task.repository}#${run.task.number}</p>
${track(run)}
<p class="stage">${stage(run, place, now)}</p>
<p class="small">${since(run.createdAt, now)} old${costWords(run)}</p>
</li>`
}

function stage(run: Run, place: number | null, now: Instant): Html {
  if (run.status.state === 'queued') return html`${lineWords(place)}`
  const active = stageRows(run, now).find(({ mark }) => mark === '●')
  if (active === undefined) return html`${wordOf(run)}`
  return html`<strong>${active.names.join(', ')}</strong>${active.detail === '' ? '' : html` · ${markdownLine(active.detail)}`}`
}

function lineWords(place: number | null): string {
  if (place === null) return 'Waits for a place'
  return place === 1 ? 'Next in line' : `Number ${place} in line`
}

function endedRow(run: Run, now: Instant): Html {
  const why = run.status.state === 'failed' ? ` · ${causeText(run.status.failure.cause).what}` : ''
  return html`<li><span class="pill" data-tone="${toneOf(run)}">${wordOf(run)}</span>
<span class="what"><a href="/runs/${run.id}">${run.task.title}</a> <span class="where">${run.task.repository}#${run.task.number}${why}</span></span>
<span class="small">${run.endedAt === null ? '' : ago(run.endedAt, now)}${costWords(run)}</span></li>`
}

function costWords(run: Run): string {
  const cost = formatTotal(totalCost(run.steps), 'cost', formatUsd)
  return cost === null ? '' : ` · ${cost}`
}
