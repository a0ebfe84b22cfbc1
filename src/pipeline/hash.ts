import { createHash } from 'node:crypto'
import { canonicalJson } from '../contract/canonical-json.ts'

/** How many hex digits of a hash people see and type. */
const SHORT_HASH_DIGITS = 7

/** A short name for exactly this content. An approval names it; content that changes has another. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, SHORT_HASH_DIGITS)
}
