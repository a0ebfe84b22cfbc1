import { GraphqlError } from './graphql-error.ts'
import type { GraphqlField } from './parse.ts'

/** A field that is worked out only when it is asked for, from its arguments. */
export type Resolver = (args: Record<string, unknown>) => unknown

const MOST_PER_PAGE = 100

/** Of an answer, the fields that were asked for. One that the local GitHub lacks is an error, not silence. */
export async function select(value: unknown, fields: GraphqlField[]): Promise<unknown> {
  if (fields.length === 0 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return Promise.all(value.map((one) => select(one, fields)))
  const whole: Record<string, unknown> = { ...value }
  const chosen: Record<string, unknown> = {}
  for (const field of fields) {
    if (!(field.name in whole)) {
      throw new GraphqlError('undefinedField', `Field '${field.name}' is not served by the local GitHub`)
    }
    const found = whole[field.name]
    chosen[field.alias] = await select(await (isResolver(found) ? found(field.arguments) : found), field.fields)
  }
  return chosen
}

function isResolver(value: unknown): value is Resolver {
  return typeof value === 'function'
}

/** A connection over all items, paged as GitHub pages: `first` or `last` must be given, a hundred at most. */
export function connection<T>(name: string, items: readonly T[], node: (item: T) => unknown): Resolver {
  return (args) => {
    const { first, last } = args
    const count = typeof first === 'number' ? first : typeof last === 'number' ? last : null
    if (count === null) {
      const why = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`
      throw new GraphqlError('MISSING_PAGINATION_BOUNDARIES', why)
    }
    if (count > MOST_PER_PAGE) {
      const why = `Requesting ${count} records on the \`${name}\` connection exceeds the \`first\` limit of 100 records.`
      throw new GraphqlError('EXCESSIVE_PAGINATION', why)
    }
    const after = indexOf(args.after)
    const before = indexOf(args.before)
    const low = after === null ? 0 : after + 1
    const high = before ?? items.length
    const from = typeof first === 'number' ? low : Math.max(low, high - count)
    const page = items.slice(from, Math.min(high, from + count))
    const end = from + page.length
    return {
      totalCount: items.length,
      pageInfo: {
        hasNextPage: end < items.length,
        hasPreviousPage: from > 0,
        startCursor: page.length === 0 ? null : cursorOf(from),
        endCursor: page.length === 0 ? null : cursorOf(end - 1),
      },
      nodes: page.map(node),
    }
  }
}

function cursorOf(index: number): string {
  return Buffer.from(`cursor:${index}`).toString('base64')
}

function indexOf(cursor: unknown): number | null {
  if (typeof cursor !== 'string') return null
  const index = Number(Buffer.from(cursor, 'base64').toString('utf8').replace('cursor:', ''))
  if (Number.isInteger(index)) return index
  throw new GraphqlError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`)
}
