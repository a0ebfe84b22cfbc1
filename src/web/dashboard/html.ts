import { html as escaping } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** Markup that is safe to send: every value that was put into it was escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** Markup from a template; values are escaped unless they are {@link Html} themselves. Lists are put one after the other. */
export function html(strings: TemplateStringsArray, ...values: (Html | Html[] | string | number | null)[]): Html {
  return escaping(strings, ...values)
}

/** An address as it may stand in `href`: only the web's own schemes, so that no script hides in one. */
export function webAddress(address: string): string | null {
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null
}

/** A link that leaves the dashboard; plain content where the address is none of the web's. */
export function outside(address: string, content: Html | string): Html {
  const href = webAddress(address)
  return href === null ? html`${content}` : html`<a href="${href}" rel="noreferrer noopener">${content}</a>`
}
