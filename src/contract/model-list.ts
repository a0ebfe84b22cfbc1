/**
 * Lists of models that may be asked for. An entry is a model's name, or the beginning of names with a `*` behind it: so
 * little that of two lists what both permit is a list again.
 */
import { z } from 'zod'

/** Most entries of a list. */
const LIST_MAX = 100

/** How vendors mark the day of a model behind its name. */
const DAY = /^-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/

const SHAPE = 'must be the name of a model, or the beginning of one with a * behind it, like claude-sonnet-4*'

export const ModelPattern = z
  .string()
  .min(1, SHAPE)
  .max(200)
  .regex(/^[^\s,*]*\*?$/, SHAPE)
export const ModelList = z.array(ModelPattern).max(LIST_MAX)
export type ModelList = readonly z.infer<typeof ModelPattern>[]

/** The list as a variable has it, with commas between. */
export const ModelListText = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .pipe(ModelList)

/** A model's name without the vendor before it and the variant behind it: `anthropic/claude-opus-4-5[1m]`. */
export function plainModel(model: string): string {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return name.replace(/\[[^\]]*\]$/, '')
}

/** Whether both are one model: a name stands for itself with the vendor's day behind it as well. */
export function isSameModel(asked: string, named: string): boolean {
  const [a, b] = [plainModel(asked), plainModel(named)]
  return a === b || (a.startsWith(b) && DAY.test(a.slice(b.length)))
}

/** Whether a model is one of a list. */
export function isListed(model: string, list: ModelList): boolean {
  return list.some((entry) => covers(entry, model))
}

/** Of two lists what both permit, so that nobody takes back what somebody else holds back. */
export function narrowedModels(a: ModelList, b: ModelList): string[] {
  const both = [...a.filter((entry) => isListed(entry, b)), ...b.filter((entry) => isListed(entry, a))]
  return [...new Set(both)]
}

/** Whether everything that the second entry stands for is of the first. */
function covers(entry: string, other: string): boolean {
  if (entry.endsWith('*')) return plainModel(other).startsWith(plainModel(entry.slice(0, -1)))
  return !other.endsWith('*') && isSameModel(other, entry)
}
