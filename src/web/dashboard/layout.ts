import type { Assets } from './assets.ts'
import { type Html, html } from './html.ts'

/** What every page needs to be put together. */
export interface Frame {
  assets: Assets
  version: string
}

export interface Page {
  title: string
  /** The entry of the navigation that it belongs to. */
  section: 'board' | 'queue' | 'schedules' | 'deliveries' | null
  body: Html
  /** How often its live parts are fetched anew, in ms; 0 for never. */
  refreshMs: number
  /** A script of its own besides. */
  script?: 'agent-log.js'
}

/** In this order: what a narrow page changes stands at the end of the last one. */
const STYLES = ['base.css', 'lists.css', 'run.css'] as const

const SECTIONS = [
  { id: 'board', href: '/', label: 'Board' },
  { id: 'queue', href: '/queue', label: 'Queue' },
  { id: 'schedules', href: '/schedules', label: 'Schedules' },
  { id: 'deliveries', href: '/deliveries', label: 'Deliveries' },
] as const

/**
 * A whole page. Elements with `data-live` and an id are replaced when the page is fetched anew (`assets/refresh.js`).
 */
export function layout({ assets, version }: Frame, page: Page): Html {
  const scripts = page.refreshMs > 0 ? [assets.pathOf('refresh.js')] : []
  if (page.script !== undefined) scripts.push(assets.pathOf(page.script))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Switchyard</title>
<link rel="icon" href="${assets.pathOf('icon.svg')}" type="image/svg+xml">
${STYLES.map((name) => html`<link rel="stylesheet" href="${assets.pathOf(name)}">`)}
${scripts.map((path) => html`<script type="module" src="${path}"></script>`)}
</head>
<body data-refresh-ms="${page.refreshMs}">
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <a class="brand" href="/"><img src="${assets.pathOf('icon.svg')}" alt="" width="22" height="22">Switchyard</a>
  <nav aria-label="Sections">${SECTIONS.map(({ id, href, label }) =>
    id === page.section ? html`<a href="${href}" aria-current="page">${label}</a>` : html`<a href="${href}">${label}</a>`,
  )}</nav>
</header>
<main id="main">${page.body}</main>
<footer class="foot"><span>Switchyard ${version}</span><span id="stale" role="status"></span></footer>
</body>
</html>`
}
