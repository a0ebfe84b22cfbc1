import { distance } from 'fastest-levenshtein'
import type { Json } from './json.ts'
import type { Argument, WorkflowMeta } from './meta.ts'

/** So many letters may differ in a name that is suggested. */
const SLIP_MAX = 2

export type CheckedArguments = { ok: true; args: Record<string, Json> } | { ok: false; problems: string[] }

/** Arguments as a command gives them (`key=value`), made what the workflow asks for; else what to write instead. */
export function checkArguments(meta: WorkflowMeta, given: Readonly<Record<string, string>>): CheckedArguments {
  const read: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(given)) {
    const argument = argumentOf(meta, name)
    read[name] = argument === undefined ? text : fromText(argument, text)
  }
  return checkArgumentValues(meta, read)
}

/** The same for values that are JSON already: of a pipeline's step, or of `workflow(name, args)`. */
export function checkArgumentValues(meta: WorkflowMeta, given: Readonly<Record<string, unknown>>): CheckedArguments {
  const { properties, required } = meta.arguments
  const problems: string[] = []
  const args = new Map<string, Json>()
  for (const name of Object.keys(given)) {
    if (argumentOf(meta, name) === undefined)
      problems.push(`\`${name}\` is no argument of \`${meta.name}\`: ${known(meta, name)}`)
  }
  for (const [name, argument] of Object.entries(properties)) {
    const value = Object.hasOwn(given, name) ? given[name] : argument.default
    if (value === undefined) {
      if (required.includes(name)) problems.push(`\`${name}\` is missing: write \`${name}=…\` (${wanted(argument)})`)
      continue
    }
    const checked = accepted(argument, value)
    if (checked === undefined) problems.push(`\`${name}\` must be ${wanted(argument)}`)
    else args.set(name, checked)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, args: Object.fromEntries(args) }
}

function argumentOf(meta: WorkflowMeta, name: string): Argument | undefined {
  return Object.hasOwn(meta.arguments.properties, name) ? meta.arguments.properties[name] : undefined
}

/** A value as a person wrote it; text that does not fit stays text, and is refused as such. */
function fromText(argument: Argument, text: string): unknown {
  switch (argument.type) {
    case 'string':
      return text
    case 'number':
    case 'integer':
      return text.trim() === '' ? text : Number(text)
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'array':
      return text === '' ? [] : text.split(',').map((item) => item.trim())
  }
}

function accepted(argument: Argument, value: unknown): Json | undefined {
  switch (argument.type) {
    case 'string':
      return typeof value === 'string' && isText(argument, value) ? value : undefined
    case 'number':
    case 'integer': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
      if (argument.type === 'integer' && !Number.isSafeInteger(value)) return undefined
      return isWithin(value, argument.minimum, argument.maximum) ? value : undefined
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'array': {
      if (!Array.isArray(value) || !isWithin(value.length, argument.minItems, argument.maxItems)) return undefined
      const items = value.filter((item) => typeof item === 'string').filter((item) => isText(argument.items, item))
      return items.length === value.length ? items : undefined
    }
  }
}

type TextArgument = Pick<Extract<Argument, { type: 'string' }>, 'enum' | 'minLength' | 'maxLength'>

function isText(argument: TextArgument, value: string): boolean {
  if (argument.enum !== undefined && !argument.enum.includes(value)) return false
  return isWithin(value.length, argument.minLength, argument.maxLength)
}

function isWithin(value: number, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): boolean {
  return value >= least && value <= most
}

/** What must be written, in words. */
function wanted(argument: Argument): string {
  switch (argument.type) {
    case 'string':
      return text(argument)
    case 'number':
      return `a number${bounds(argument.minimum, argument.maximum, '')}`
    case 'integer':
      return `a whole number${bounds(argument.minimum, argument.maximum, '')}`
    case 'boolean':
      return '`true` or `false`'
    case 'array':
      return `a list with commas between${bounds(argument.minItems, argument.maxItems, ' items')}, each ${text(argument.items)}`
  }
}

function text(argument: TextArgument): string {
  if (argument.enum !== undefined) return `one of ${argument.enum.map((value) => `\`${value}\``).join(', ')}`
  return `text${bounds(argument.minLength, argument.maxLength, ' characters')}`
}

function bounds(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}${unit}`
  if (least !== undefined) return ` of at least ${least}${unit}`
  return most === undefined ? '' : ` of at most ${most}${unit}`
}

function known(meta: WorkflowMeta, name: string): string {
  const names = Object.keys(meta.arguments.properties)
  if (names.length === 0) return 'it takes none'
  const near = names.filter((candidate) => distance(candidate.toLowerCase(), name.toLowerCase()) <= SLIP_MAX)
  return near.length > 0 ? `did you mean \`${near[0]}\`?` : `it takes ${names.map((each) => `\`${each}\``).join(', ')}`
}
