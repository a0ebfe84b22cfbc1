/** Building blocks of the environment's schema: each variable carries what the reference docs and the errors say of it. */
import { z } from 'zod'

/** What is said of a variable, in docs and in errors. */
export interface About {
  /** What it sets, with its unit. */
  description: string
  /** A line that would set it well. Never a real value. */
  example: string
  /** What happens where it is not set, where that is not a plain default. */
  unset?: string
  default?: string
  min?: number
  max?: number
  /** Its value is never repeated in an error, a log or the docs. */
  secret?: boolean
}

/** What is said of each variable's schema. */
export const about = z.registry<About>()

const number = new Intl.NumberFormat('en-US')

interface NumberAbout extends Pick<About, 'description'> {
  default: number
  min: number
  max: number
}

/** A whole number within bounds. */
export function wholeNumber({ description, default: fallback, min, max }: NumberAbout) {
  const range = `must be a whole number from ${number.format(min)} to ${number.format(max)}`
  return z
    .string()
    .regex(/^\d{1,15}$/, range)
    .transform(Number)
    .pipe(z.int(range).min(min, range).max(max, range))
    .prefault(String(fallback))
    .register(about, { description, min, max, default: String(fallback), example: String(fallback) })
}

const amountRange = (max: number) => `must be an amount in USD from 0.01 to ${number.format(max)}, like 12.50`
const amount = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}(?:\.\d{1,2})?$/, amountRange(max))
    .transform(Number)
    .pipe(z.number().min(0.01, amountRange(max)).max(max, amountRange(max)))

/** An amount of money in USD, with cents. */
export function dollars({ description, default: fallback, max }: Omit<NumberAbout, 'min'>) {
  const said = { description, min: 0.01, max, default: String(fallback), example: String(fallback) }
  return amount(max).prefault(String(fallback)).register(about, said)
}

/** The same where nothing said means no limit. */
export function dollarsOrNoLimit({ description, max }: { description: string; max: number }) {
  return amount(max).optional().register(about, { description, min: 0.01, max, unset: 'no limit', example: '500' })
}

/** A choice among words. */
export function choice<const T extends readonly [string, ...string[]]>(
  words: T,
  { description, default: fallback }: { description: string; default: T[number] },
) {
  return z
    .enum(words, `must be one of ${words.join(', ')}`)
    .prefault(fallback)
    .register(about, { description: `${description} One of ${words.join(', ')}.`, default: fallback, example: fallback })
}

/** `true` or `false`, written so. */
export function flag({ description, default: fallback }: { description: string; default: boolean }) {
  return z
    .enum(['true', 'false'], 'must be true or false')
    .transform((word) => word === 'true')
    .prefault(fallback ? 'true' : 'false')
    .register(about, { description, default: String(fallback), example: String(!fallback) })
}

/** An address with one of these schemes. Its value may hold a password, so no error repeats it. */
export function address(schemes: readonly [string, ...string[]]) {
  const shape = `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`
  return z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)) && URL.canParse(text), shape)
}
