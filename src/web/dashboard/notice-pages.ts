/** Pages that say why there is nothing else to see. */
import { type Html, html } from './html.ts'
import { type Frame, layout } from './layout.ts'
import type { Refusal } from './loopback.ts'

const REFUSALS: Record<Refusal, string> = {
  address: 'This request came over the network.',
  host: 'This request was addressed to a name that is not this machine’s own.',
  proxy: 'This request was passed on by a proxy.',
}

/** A refusal: why, and what to do. It shows nothing of what is going on. */
export function refusedPage(frame: Frame, why: Refusal): Html {
  return notice(
    frame,
    'Only from this machine',
    html`<p>${REFUSALS[why]} The dashboard has no sign-in yet, so it answers only on the machine that Switchyard runs on, at its loopback address.</p>
<p>From elsewhere, go through SSH and keep the window open:</p>
<pre tabindex="0"><code>ssh -L 3000:127.0.0.1:3000 you@the-machine</code></pre>
<p>Then open <code>http://127.0.0.1:3000</code> here. If Switchyard listens on another port, put it in place of the second 3000.</p>`,
  )
}

export function notFoundPage(frame: Frame): Html {
  return notice(
    frame,
    'Nothing here',
    html`<p>There is no such page or run. Runs are found on the <a href="/">board</a>, and by the links in the status comments on GitHub.</p>`,
  )
}

export function failedPage(frame: Frame): Html {
  return notice(
    frame,
    'This page could not be made',
    html`<p>Something went wrong inside Switchyard, and its log says what. Runs go on regardless. <a href="/readyz">See what is not ready</a>, then load the page again.</p>`,
  )
}

function notice(frame: Frame, title: string, body: Html): Html {
  const content = html`<section class="notice"><h1>${title}</h1>${body}</section>`
  return layout(frame, { title, section: null, body: content, refreshMs: 0 })
}
