/** What zod found, in words for people: what is wrong and what would be right. */
import type { z } from 'zod'
import { canBeLeftOut, firstKey, knownKeys, type Path, placesOf } from './known-places.ts'
import { inWords, isFingerSlip, nearest, quoted, suggestion } from './nearest.ts'

export type { Path } from './known-places.ts'

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

/**
 * The faults that one issue of a schema stands for: each unknown key is one by itself, at the key.
 *
 * @param elsewhere says where else a key has a meaning, which the schema itself cannot know
 */
export function faultsOfIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  elsewhere: (key: string) => string | null = () => null,
): Fault[] {
  const path = pathOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `${quoted(key)} is not known here; ${remedyOfKey(key, schema, path, elsewhere)}`,
    }))
  }
  return [{ path, message: messageOf(issue, schema, path) }]
}

/** The nearest known keys; of a key that is right elsewhere, where that is; else all keys that are known here. */
function remedyOfKey(key: string, schema: z.ZodType, path: Path, elsewhere: (key: string) => string | null): string {
  const known = knownKeys(schema, path)
  if (isFingerSlip(key, known)) return suggestion(key, known)
  const [place, ...others] = placesOf(schema, key, path).map((at) =>
    at === '' ? 'the outermost level' : `under ${quoted(at)}`,
  )
  if (place !== undefined) return `it belongs ${inWords([place, ...others], 'or')}.`
  return elsewhere(key) ?? suggestion(key, known)
}

function messageOf(issue: z.core.$ZodIssue, schema: z.ZodType, path: Path): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input, schema, path)
    case 'invalid_value':
      return wrongValue(issue.values, issue.input)
    case 'too_small':
      return outOfBounds(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin, issue.input)
    case 'too_big':
      return outOfBounds(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue.origin, issue.input)
    case 'invalid_key':
      return `is no good name: it ${issue.issues[0]?.message ?? 'is not allowed'}.${likeName(path.at(-1))}`
    case 'invalid_format':
    case 'custom':
      return typeof issue.input === 'string' ? `${quoted(issue.input)} ${issue.message}.` : `${issue.message}.`
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

function wrongType(expected: string, input: unknown, schema: z.ZodType, path: Path): string {
  const wanted = TYPE_WORDS[expected] ?? expected
  if (input === undefined) return `is missing; it must be ${wanted}.`
  if (input === null) return `is empty; it must be ${wanted}${canBeLeftOut(schema, path) ? ', or be left out' : ''}.`
  if (expected === 'int' && typeof input === 'number') return `must be ${wanted}, not ${input}.`
  if (typeof input === 'string')
    return `must be ${wanted}, not the text ${quoted(input)}.${remedyOfText(expected, input, schema, path)}`
  const given = TYPE_WORDS[Array.isArray(input) ? 'array' : typeof input] ?? typeof input
  return `must be ${wanted}, not ${given}.${remedyOfType(expected, input)}`
}

function remedyOfText(expected: string, input: string, schema: z.ZodType, path: Path): string {
  if (isNumber(expected) && /^\d/.test(input)) return ' Write the number alone, without quotes or a unit.'
  if (expected === 'array') return ' Put it on a line of its own below, behind `- `.'
  const key = isGroup(expected) ? firstKey(schema, path) : undefined
  return key === undefined ? '' : ` Write keys, like ${quoted(`${key}: ${input}`)}.`
}

function remedyOfType(expected: string, input: unknown): string {
  if (isGroup(expected) && Array.isArray(input)) return ' Write keys with a colon, without `- `.'
  if (expected === 'string' && ['number', 'boolean'].includes(typeof input)) return ` Put it in quotes: \`'${input}'\`.`
  return ''
}

const isNumber = (type: string) => type === 'number' || type === 'int'
const isGroup = (type: string) => type === 'object' || type === 'record'

function wrongValue(values: readonly unknown[], input: unknown): string {
  const wanted = inWords(
    values.map((value) => quoted(String(value))),
    'or',
  )
  if (input === undefined) return `is missing; it must be ${wanted}.`
  if (typeof input === 'number' && !values.includes(input)) return `must be ${wanted}, not ${input}.`
  if (typeof input !== 'string') return `must be ${wanted}.`
  if (values.some((value) => typeof value !== 'string' && String(value) === input)) return `must be ${wanted}, without quotes.`
  const [near] = nearest(input, values.map(String))
  return `${quoted(input)} must be ${wanted}.${near === undefined || near === input ? '' : ` Did you mean ${quoted(near)}?`}`
}

function outOfBounds(bound: string, limit: number | bigint, origin: string, input: unknown): string {
  if (origin === 'array') return `must have ${bound} ${counted(limit, 'entry', 'entries')}.`
  if (origin === 'string') return `must have ${bound} ${counted(limit, 'character', 'characters')}.`
  return `must be ${bound} ${limit}${typeof input === 'number' ? `, not ${input}` : ''}.`
}

function counted(count: number | bigint, one: string, many: string): string {
  return `${count} ${Number(count) === 1 ? one : many}`
}

/** A name that would be good, near to one that is not. */
function likeName(name: string | number | undefined): string {
  const good = String(name ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
  return good === '' ? '' : ` Like ${quoted(good)}.`
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)))
}
