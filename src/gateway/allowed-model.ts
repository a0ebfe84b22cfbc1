/** Which models a job may call: its own, and what costs no more, since agents use small models for small things. */
import type { ModelPrice } from '../contract/model-call.ts'
import { isListed, isSameModel, type ModelList, narrowedModels, plainModel } from '../contract/model-list.ts'
import { PRICES, type PriceTable, priceOf } from './prices.ts'

/**
 * Whether a job whose role works with `named` may call `asked`. A job without a model of its own may call any: its runtime
 * chooses. Of a name that stands for no known price (a vendor's alias, a model of one's own) only itself is allowed.
 */
export function mayCall(asked: string, named: string | undefined, own: PriceTable): boolean {
  if (named === undefined) return true
  const [a, b] = [plainModel(asked), plainModel(named)]
  // `claude-sonnet-4-5` is also called by its day, and by the alias `sonnet`.
  const alias = aliasPrice(b, own)
  if (isSameModel(a, b) || (alias !== null && a.split('-').includes(b))) return true
  const [price, most] = [priceOf(a, own), priceOf(b, own) ?? alias]
  return price !== null && most !== null && price.output <= most.output && price.input <= most.input
}

/** Whether calls of what a role names are metered: it has a price, or is a vendor's alias of a model that has one. */
export function isPriced(model: string, own: PriceTable): boolean {
  return priceOf(model, own) !== null || aliasPrice(plainModel(model), own) !== null
}

/**
 * Whether what a role names can come to a model of the list: it is one, or a vendor's alias of one (`sonnet`). Which model an
 * alias is, only the agent knows; the gateway then sees its full name.
 */
export function mayBeListed(named: string, list: ModelList, own: PriceTable = []): boolean {
  const alias = plainModel(named)
  const has = (entry: string) => entry.replace(/\*$/, '').split('-').includes(alias)
  const models = [...own, ...PRICES].map(({ model }) => model)
  return isListed(named, list) || list.some(has) || narrowedModels(models.filter(has), list).length > 0
}

/** `opus` costs what the first line of the table costs that has it as a word. */
function aliasPrice(alias: string, own: PriceTable): ModelPrice | null {
  const line = [...own, ...PRICES].find(({ model }) => model.replace(/\*$/, '').split('-').includes(alias))
  return line === undefined ? null : priceOf(line.model.replace(/\*$/, ''), own)
}
