/** What a schema knows, and where: for words about a key that stands in the wrong place. */
import { z } from 'zod'

/** A place in a configuration. */
export type Path = readonly (string | number)[]

/** The part of a JSON Schema that is walked. */
const SchemaNode = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
})
type SchemaNode = z.infer<typeof SchemaNode>

/** Most places that are named for one key. */
const PLACES_MAX = 3

/** The keys that a schema knows at a place. */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  return Object.keys(nodeAt(schema, path)?.properties ?? {})
}

/** The key that a group at this place begins with: one that it needs, else its first; undefined where people name the keys. */
export function firstKey(schema: z.ZodType, path: Path): string | undefined {
  const node = nodeAt(schema, path)
  return node?.required?.[0] ?? Object.keys(node?.properties ?? {})[0]
}

/** Whether something can be left out where it stands. */
export function canBeLeftOut(schema: z.ZodType, path: Path): boolean {
  const key = path.at(-1)
  const around = nodeAt(schema, path.slice(0, -1))
  return typeof key === 'string' && around?.properties?.[key] !== undefined && !(around.required ?? []).includes(key)
}

/**
 * The places of a schema where a key is known, as people write them, those nearest to where it was put first: `merge.policy`
 * for a `maxFiles` that was put into `merge`. The file's outermost level is the empty text.
 */
export function placesOf(schema: z.ZodType, key: string, near: Path): string[] {
  const root = nodeAt(schema, [])
  const found = (root === null ? [] : placesBelow(root, key, [])).map((place) => ({ place, shared: sharedParts(place, near) }))
  const most = Math.max(0, ...found.map(({ shared }) => shared))
  const nearest = found.filter(({ shared }) => shared === most).map(({ place }) => placeText(place, near))
  return [...new Set(nearest)].slice(0, PLACES_MAX)
}

function nodeAt(schema: z.ZodType, path: Path): SchemaNode | null {
  let node = SchemaNode.parse(z.toJSONSchema(schema, { io: 'input' }))
  for (const part of path) {
    const below = typeof part === 'number' ? node.items : (node.properties?.[part] ?? node.additionalProperties)
    const next = SchemaNode.safeParse(below)
    if (!next.success) return null
    node = next.data
  }
  return node
}

/** A name of the person's own choosing, or the place of an item in a list. */
const ANY_NAME = '<name>'
const ANY_ITEM = '[]'

function placesBelow(node: SchemaNode, key: string, at: readonly string[]): string[][] {
  const here = node.properties?.[key] === undefined ? [] : [[...at]]
  const below = [
    ...Object.entries(node.properties ?? {}),
    [ANY_NAME, node.additionalProperties] as const,
    [ANY_ITEM, node.items] as const,
  ]
  return [
    ...here,
    ...below.flatMap(([part, inner]) => {
      const next = SchemaNode.safeParse(inner)
      return next.success ? placesBelow(next.data, key, [...at, part]) : []
    }),
  ]
}

function sharedParts(place: readonly string[], near: Path): number {
  const different = place.findIndex((part, index) => !fits(part, near[index]))
  return different === -1 ? place.length : different
}

function fits(part: string, actual: string | number | undefined): boolean {
  if (actual === undefined) return false
  if (part === ANY_ITEM) return typeof actual === 'number'
  return part === actual || (part === ANY_NAME && typeof actual === 'string')
}

function placeText(place: readonly string[], near: Path): string {
  const shared = sharedParts(place, near)
  return place
    .map((part, index) => (index < shared ? (near[index] ?? part) : part))
    .map((part) => (typeof part === 'number' ? `[${part}]` : part === ANY_ITEM ? part : `.${part}`))
    .join('')
    .replace(/^\./, '')
}
