/** How much an answer has written so far, while its vendor has not said it yet: the text that has come through, counted. */

/** Where a piece of a streamed answer has what the model wrote, in every wire that the gateway speaks. */
const WRITTEN: ReadonlySet<string> = new Set([
  'text',
  'thinking',
  'partial_json',
  'delta',
  'content',
  'reasoning_content',
  'arguments',
])
/** What repeats at the end of a stream, or of a part of it, what was written piece by piece before. */
const REPEATS: ReadonlySet<string> = new Set(['response', 'item', 'part', 'message', 'usage', 'usageMetadata'])
/** Deepest place that is looked at: answers have no deeper ones. */
const DEPTH_MAX = 8

/** Characters that one event of a stream adds to what the model has written. */
export function charactersOf(event: unknown): number {
  return count(event, false, 0)
}

function count(value: unknown, written: boolean, depth: number): number {
  if (typeof value === 'string') return written ? value.length : 0
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + count(each, written, depth + 1), 0)
  return Object.entries(value).reduce(
    (sum, [key, each]) => (REPEATS.has(key) ? sum : sum + count(each, WRITTEN.has(key), depth + 1)),
    0,
  )
}
