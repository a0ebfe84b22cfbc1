import { inlineCode } from './code-text.ts'

const URL_MAX_CHARS = 1_000

/** A link to an address that others gave. What is no plain web address is shown as code, and leads nowhere. */
export function safeLink(words: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (!plain || url.href.length > URL_MAX_CHARS) return `${words}: ${inlineCode(address)}`
  return `[${words}](${url.href.replaceAll(/[()<>|`[\]\\]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)})`
}
