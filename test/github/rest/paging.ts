/** GitHub's pages: `per_page` up to 100, `page` from 1, and a Link header. */
import { ApiError } from '../api-error.ts'
import type { Call, Reply } from './registry.ts'

const DEFAULT_PER_PAGE = 30
const MOST_PER_PAGE = 100

/** One page of items. `wrap` puts it into an object where the answer is not a plain list. */
export async function page<T>(
  call: Call,
  items: T[],
  render: (item: T) => unknown | Promise<unknown>,
  wrap: (page: unknown[], total: number) => unknown = (list) => list,
): Promise<Reply> {
  const size = Math.min(positive(call.query.get('per_page'), DEFAULT_PER_PAGE), MOST_PER_PAGE)
  const number = positive(call.query.get('page'), 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const shown = await Promise.all(items.slice((number - 1) * size, number * size).map(render))
  const links = [
    ...(number > 1 ? [link(call, number - 1, 'prev')] : []),
    ...(number < last ? [link(call, number + 1, 'next'), link(call, last, 'last')] : []),
    ...(number > 1 ? [link(call, 1, 'first')] : []),
  ]
  return { status: 200, body: wrap(shown, items.length), headers: links.length === 0 ? {} : { link: links.join(', ') } }
}

function positive(value: string | null, fallback: number): number {
  if (value === null || value === '') return fallback
  const number = Number(value)
  if (!Number.isInteger(number) || number < 0) throw new ApiError(422, 'Invalid request.')
  return number === 0 ? fallback : number
}

/** The matched request's own address is filled in by the server, which knows it. */
export const PAGE_BASE = 'x-page-base'

function link(call: Call, number: number, relation: string): string {
  const query = new URLSearchParams(call.query)
  query.set('page', String(number))
  return `<${PAGE_BASE}?${query}>; rel="${relation}"`
}
