import type { Instant } from '../../../pipeline/model.ts'
import { controlsOf } from '../../../render/controls.ts'
import { wordOf } from '../../../render/doing.ts'
import { leadOf } from '../../../render/lead.ts'
import { ledgerAnswer } from '../../../render/ledger-answer.ts'
import { formatTotal, formatUsd, totalCost, totalTokens } from '../../../render/money.ts'
import type { Section } from '../../../render/section.ts'
import { sectionsOf } from '../../../render/sections.ts'
import type { StatusInput } from '../../../render/status-input.ts'
import { type Html, html, outside } from '../html.ts'
import { type Frame, layout } from '../layout.ts'
import { markdown, markdownLine } from '../markdown.ts'
import { ago } from '../moment.ts'
import { toneOf } from '../track.ts'
import { callsOf } from './calls.ts'
import { historyOf } from './history.ts'
import { legsOf } from './legs.ts'
import { logPanel } from './log-panel.ts'
import type { RunView } from './run-data.ts'
import { stepsOf } from './steps.ts'

/** How often the page's times are brought up to date, in ms; changes of the run show at once, through the stream. */
const REFRESH_MS = 15_000

/** A run's page: what it waits for, its steps, its legs, its history, and the agent's log beside them. */
export function runPage(frame: Frame, view: RunView, serverUrl: string, now: Instant): Html {
  const { run, progress, queue, blockedUntil } = view
  const input: StatusInput = {
    run,
    progress,
    now,
    serverUrl,
    queue,
    dashboardUrl: null,
    blockedUntil,
  }
  return layout(frame, {
    title: `${run.task.repository}#${run.task.number} ${run.task.title}`,
    section: 'board',
    refreshMs: REFRESH_MS,
    script: 'agent-log.js',
    body: html`<div class="run">
<div id="run-head" data-live class="run-head">${head(view, input)}</div>
<section id="run-steps" data-live class="run-steps" aria-labelledby="steps"><h2 id="steps">Steps</h2>${stepsOf(view, now)}</section>
${logPanel(view)}
<div class="run-rest">
<div id="run-calls" data-live class="run-calls">${callsOf(view, now)}</div>
<section id="run-legs" data-live aria-labelledby="legs"><h2 id="legs">Repositories</h2>${legsOf(run, serverUrl)}</section>
<section id="run-sections" data-live aria-label="Plan, work and settings">${[...sectionsOf(run), ...costSection(view)].map(fold)}</section>
<section id="run-history" data-live aria-labelledby="history"><h2 id="history">History</h2>${historyOf(view, now)}</section>
</div></div>`,
  })
}

function head({ run }: RunView, input: StatusInput): Html {
  const { task } = run
  return html`<p class="where">${outside(task.url, `${task.repository}#${task.number}`)}</p>
<h1>${task.title}</h1>
<div class="lead"><span class="pill big" data-tone="${toneOf(run)}">${wordOf(run)}</span>
<div>${markdown(leadOf(input))}${controls(input)}</div></div>
<p class="small">${facts(input)}</p>`
}

/** The controls are ticked in the status comment, where it is known who does it. */
function controls({ run }: StatusInput): Html {
  const [first, ...others] = controlsOf(run)
  if (first === undefined) return html``
  const where = html`In the status comment on ${outside(run.task.url, 'GitHub')} you can`
  if (others.length === 0) return html`<p class="quiet">${where}: ${markdownLine(first.label)}</p>`
  return html`<p class="quiet">${where}:</p>
<ul class="controls">${[first, ...others].map(({ label }) => html`<li>${markdownLine(label)}</li>`)}</ul>`
}

function facts({ run, now }: StatusInput): Html {
  const cost = formatTotal(totalCost(run.steps), 'cost', formatUsd)
  const tokens = formatTotal(totalTokens(run.steps), 'tokens', (value) => `${value.toLocaleString('en-US')} tokens`)
  const ended = run.endedAt === null ? '' : html` · ended ${ago(run.endedAt, now)}`
  return html`Asked for by ${run.task.requestedBy.login} ${ago(run.createdAt, now)}${ended}${cost === null ? '' : ` · ${cost}`}${tokens === null ? '' : ` · ${tokens}`} · pipeline ${run.pipeline} · run <code>${run.id}</code>`
}

/** What it cost, by step, role and model. */
function costSection({ run, spent }: RunView): Section[] {
  return spent.length === 0 ? [] : [{ summary: 'Cost', body: ledgerAnswer(spent, run) }]
}

function fold({ summary, body }: Section, index: number): Html {
  return html`<details id="section-${index}" data-keep><summary>${summary}</summary><div class="prose">${markdown(body)}</div></details>`
}
