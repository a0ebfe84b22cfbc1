import type { Instant } from '../../pipeline/model.ts'
import { formatDuration } from '../../render/duration.ts'
import { type Html, html } from './html.ts'

/** A moment as `3 min ago`, with the moment itself on hover. */
export function ago(at: Instant, now: Instant): Html {
  return moment(at, at > now ? `in ${formatDuration(at - now)}` : `${formatDuration(now - at)} ago`)
}

/** The time since a moment, as a length, with the moment itself on hover. */
export function since(at: Instant, now: Instant): Html {
  return moment(at, formatDuration(now - at))
}

/** Words that belong to a moment, with the moment itself on hover. */
export function moment(at: Instant, words: string): Html {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}" title="${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC">${words}</time>`
}
