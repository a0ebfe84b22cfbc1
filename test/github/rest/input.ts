/** Reads fields of a request's body and query, with GitHub's answers to wrong ones. */
import { ApiError } from '../api-error.ts'

type Body = Record<string, unknown>

function wrong(field: string, wanted: string): ApiError {
  return new ApiError(422, `Invalid request.\n\nFor 'properties/${field}', is not ${wanted}.`)
}

export function optionalText(body: Body, field: string): string | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw wrong(field, 'a string')
  return value
}

/** Null is a value of its own: it clears. */
export function nullableText(body: Body, field: string): string | null | undefined {
  return body[field] === null ? null : optionalText(body, field)
}

export function text(body: Body, field: string): string {
  const value = optionalText(body, field)
  if (value === undefined) throw new ApiError(422, `Invalid request.\n\n"${field}" wasn't supplied.`)
  return value
}

export function optionalFlag(body: Body, field: string): boolean | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw wrong(field, 'a boolean')
  return value
}

export function optionalNumber(body: Body, field: string): number | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') throw wrong(field, 'a number')
  return value
}

export function optionalChoice<const T extends string>(body: Body, field: string, choices: readonly T[]): T | undefined {
  const value = optionalText(body, field)
  if (value === undefined) return undefined
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw wrong(field, `one of ${choices.join(', ')}`)
  return found
}

export function optionalList(body: Body, field: string): unknown[] | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw wrong(field, 'an array')
  return value
}

export function optionalTexts(body: Body, field: string): string[] | undefined {
  return optionalList(body, field)?.map((value) => {
    if (typeof value === 'string') return value
    if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string') return value.name
    throw wrong(field, 'an array of strings')
  })
}

export function optionalObject(body: Body, field: string): Body | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(field, 'an object')
  return value as Body
}

export function integer(value: string | undefined): number {
  const number = Number(value)
  if (!Number.isInteger(number)) throw new ApiError(404, 'Not Found')
  return number
}
