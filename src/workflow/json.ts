import { z } from 'zod'

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Deepest nesting of a value that crosses between script and app: whatever walks one afterwards may recurse. */
export const JSON_DEPTH_MAX = 64

/** A value that JSON can carry, at most `JSON_DEPTH_MAX` deep. */
export const Json: z.ZodType<Json> = z.unknown().transform((value, context) => {
  const problem = jsonProblem(value)
  if (problem === null && isJson(value)) return value
  context.addIssue({ code: 'custom', message: problem ?? 'is no JSON value' })
  return z.NEVER
})

function isJson(value: unknown): value is Json {
  return value !== undefined
}

/** Walks without recursion: the value may be as deep as its sender liked. */
function jsonProblem(root: unknown): string | null {
  const left: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, depth } = next
    if (depth > JSON_DEPTH_MAX) return `is nested more than ${JSON_DEPTH_MAX} deep`
    if (value === null || typeof value === 'string' || typeof value === 'boolean') continue
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return 'has a number that JSON does not know'
    } else if (typeof value === 'object') {
      for (const inner of Object.values(value)) left.push({ value: inner, depth: depth + 1 })
    } else return `has a ${typeof value}, which JSON does not know`
  }
  return null
}

/** Text as a store can keep it: Postgres takes neither U+0000 nor half a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd')
}

/**
 * For `JSON.parse`: a key `__proto__` is left out, so that nothing that copies the value later can be given another
 * prototype by it, and all text is storable.
 */
export function reviveSafe(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined
  if (typeof value === 'string') return storable(value)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  if (Object.keys(value).every((name) => name === storable(name))) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), inner]))
}

/**
 * Parses JSON that a script wrote.
 * @throws SyntaxError where it is no JSON; ZodError where it is nested too deep
 */
export function parseJson(text: string): Json {
  return Json.parse(JSON.parse(text, reviveSafe))
}
