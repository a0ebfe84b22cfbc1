/** What zod found, in words for people: what is wrong and what would be right. */
import { z } from 'zod'
import { inWords, nearest, quoted, suggestion } from './nearest.ts'

/** A place in a configuration. */
export type Path = readonly (string | number)[]

/** One thing that is wrong, at its place in the file's structure. */
export interface Fault {
  path: Path
  message: string
}

/** A place as people write it: `pipelines.default[2].kind`. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text.startsWith('.') ? text.slice(1) : text
}

/** The faults that one issue of a schema stands for: each unknown key is one by itself, at the key. */
export function faultsOfIssue(issue: z.core.$ZodIssue, schema: z.ZodType): Fault[] {
  const path = pathOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path)
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `${quoted(key)} is not known here; ${suggestion(key, known)}`,
    }))
  }
  return [{ path, message: messageOf(issue) }]
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input)
    case 'invalid_value':
      return wrongValue(issue.values.map(String), issue.input)
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}.`
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}.`
    case 'invalid_key':
      return `is no good name: it ${issue.issues[0]?.message ?? 'is not allowed'}.`
    case 'invalid_format':
    case 'custom':
      return `${issue.message}.`
    default:
      return issue.message
  }
}

const TYPE_WORDS: Record<string, string> = {
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

function wrongType(expected: string, input: unknown): string {
  const wanted = TYPE_WORDS[expected] ?? expected
  if (input === undefined) return `is missing; it must be ${wanted}.`
  if (input === null) return `is empty; it must be ${wanted}.`
  if (expected === 'int' && typeof input === 'number') return `must be ${wanted}.`
  return `must be ${wanted}, not ${TYPE_WORDS[Array.isArray(input) ? 'array' : typeof input] ?? typeof input}.`
}

function wrongValue(values: readonly string[], input: unknown): string {
  const wanted = inWords(values.map(quoted), 'or')
  if (input === undefined) return `is missing; it must be ${wanted}.`
  if (typeof input !== 'string') return `must be ${wanted}.`
  const [near] = nearest(input, values)
  return `${quoted(input)} must be ${wanted}.${near === undefined || near === input ? '' : ` Did you mean ${quoted(near)}?`}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long'
  if (origin === 'array') return ' entries long'
  return ''
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)))
}

/** The part of a JSON Schema that is walked to find which keys a place knows. */
const SchemaNode = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
})

/** The keys that a schema knows at a place. */
function knownKeys(schema: z.ZodType, path: Path): string[] {
  let node = SchemaNode.parse(z.toJSONSchema(schema, { io: 'input' }))
  for (const part of path) {
    const below = typeof part === 'number' ? node.items : (node.properties?.[part] ?? node.additionalProperties)
    const next = SchemaNode.safeParse(below)
    if (!next.success) return []
    node = next.data
  }
  return Object.keys(node.properties ?? {})
}
