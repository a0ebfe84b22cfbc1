import { createHash } from 'node:crypto'

/** How many hex digits of a hash people see and type. */
const SHORT_HASH_DIGITS = 7

/** JSON with sorted keys: the same value gives the same text, whatever order it was built in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** A short name for exactly this content. An approval names it; content that changes has another. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, SHORT_HASH_DIGITS)
}
