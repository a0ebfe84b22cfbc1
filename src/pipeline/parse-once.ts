import type { z } from 'zod'

/** Parses with a schema, and the same object only once; `trust` takes one that is of its type by how it was made. */
export interface ParseOnce<T> {
  (value: unknown): T
  trust(value: T): void
}

/**
 * What lies in a run is replaced and never written into, so an object that was good stays good; only weak references are
 * kept. What comes out of the store is a new object, and is parsed.
 */
export function parseOnce<T>(schema: z.ZodType<T>): ParseOnce<T> {
  const known = new WeakMap<object, T>()
  const parse = (value: unknown): T => {
    if (typeof value !== 'object' || value === null) return schema.parse(value)
    const before = known.get(value)
    if (before !== undefined) return before
    const parsed = schema.parse(value)
    known.set(value, parsed)
    return parsed
  }
  const trust = (value: T): void => {
    if (typeof value === 'object' && value !== null) known.set(value, value)
  }
  return Object.assign(parse, { trust })
}
