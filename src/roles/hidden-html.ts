/** The attributes whose values a reader can see or follow. */
const KEPT_ATTRIBUTE = /\s(?:href|src)\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`]+)/gi
const UNSEEN = /<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<![a-z][^>]*(?:>|$)/gi
const TAG = /<(?<name>[a-z][a-z0-9-]*)(?<attributes>(?:"[^"]*"|'[^']*'|[^<>"'])*)(?<end>>|$)/gi

/** HTML without what is not shown: comments, processing instructions, declarations, and attributes but links. */
export function stripHiddenHtml(html: string): string {
  return html.replaceAll(UNSEEN, '').replaceAll(TAG, (_, name: string, attributes: string, end: string) => {
    const kept = [...attributes.matchAll(KEPT_ATTRIBUTE)].map((match) => match[0]).join('')
    return `<${name}${kept}${attributes.trimEnd().endsWith('/') ? ' /' : ''}${end}`
  })
}
