/** Which models a job may call: its own, and what costs no more, since agents use small models for small things. */
import type { ModelPrice } from '../contract/model-call.ts'
import { PRICES, type PriceTable, priceOf } from './prices.ts'

/** How vendors mark the day of a model behind its name. */
const DAY = /^-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/

/**
 * Whether a job whose role works with `named` may call `asked`. A job without a model of its own may call any: its runtime
 * chooses. Of a name that stands for no known price (a vendor's alias, a model of one's own) only itself is allowed.
 */
export function mayCall(asked: string, named: string | undefined, own: PriceTable): boolean {
  if (named === undefined) return true
  const [a, b] = [plain(asked), plain(named)]
  // `claude-sonnet-4-5` is also called by its day, and by the alias `sonnet`.
  const alias = aliasPrice(b, own)
  if (a === b || (a.startsWith(b) && DAY.test(a.slice(b.length))) || (alias !== null && a.split('-').includes(b))) return true
  const [price, most] = [priceOf(a, own), priceOf(b, own) ?? alias]
  return price !== null && most !== null && price.output <= most.output && price.input <= most.input
}

/** Whether calls of what a role names are metered: it has a price, or is a vendor's alias of a model that has one. */
export function isPriced(model: string, own: PriceTable): boolean {
  return priceOf(model, own) !== null || aliasPrice(plain(model), own) !== null
}

/** Without the vendor before it and the variant behind it: `anthropic/claude-opus-4-5[1m]`. */
function plain(model: string): string {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return name.replace(/\[[^\]]*\]$/, '')
}

/** `opus` costs what the first line of the table costs that has it as a word. */
function aliasPrice(alias: string, own: PriceTable): ModelPrice | null {
  const line = [...own, ...PRICES].find(({ model }) => model.replace(/\*$/, '').split('-').includes(alias))
  return line === undefined ? null : priceOf(line.model.replace(/\*$/, ''), own)
}
