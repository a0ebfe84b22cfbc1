/** The attributes whose values a reader can see or follow. */
const KEPT_ATTRIBUTE = /\s(?:href|src)\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`]+)/gi
const UNSEEN = /<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<![a-z][^>]*(?:>|$)/gi
/** The name is all of it or nothing: where it could also be a part, a long one would be tried at every length. */
const TAG =
  /<(?<name>[a-z][a-z0-9-]*)(?![a-z0-9-])(?<attributes>(?:"[^"]*"|'[^']*'|=\s*(?:"[^"]*|'[^']*)$|[^<>"'])*)(?<end>>|$)/gi
/** A tag that another begins in, or the end. A browser goes on reading it; nothing of it is shown. */
const BROKEN_TAG = /<(?<name>[a-z][a-z0-9-]*)(?![a-z0-9-])[^<>]+(?=<|$)/gi

/** HTML without what is not shown: comments, processing instructions, declarations, and attributes but links. */
export function stripHiddenHtml(html: string): string {
  return html.replaceAll(UNSEEN, '').replaceAll(TAG, (_, name: string, attributes: string, end: string) => {
    const kept = [...attributes.matchAll(KEPT_ATTRIBUTE)].map((match) => match[0]).join('')
    return `<${name}${kept}${attributes.trimEnd().endsWith('/') ? ' /' : ''}${end}`
  })
}

/** The same for what a Markdown parser says is HTML, and no text that only looks like it. */
export function stripHtmlNode(html: string): string {
  return stripHiddenHtml(html).replaceAll(BROKEN_TAG, '<$<name>>')
}
