import type { z } from 'zod'

/**
 * Parses with a schema, and the same object only once. What lies in a run is replaced and never written into, so an object
 * that was good stays good; only weak references are kept.
 */
export function parseOnce<T>(schema: z.ZodType<T>): (value: unknown) => T {
  const known = new WeakMap<object, T>()
  return (value) => {
    if (typeof value !== 'object' || value === null) return schema.parse(value)
    const before = known.get(value)
    if (before !== undefined) return before
    const parsed = schema.parse(value)
    known.set(value, parsed)
    return parsed
  }
}
