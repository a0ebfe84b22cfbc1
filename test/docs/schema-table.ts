/** Rows of a reference table from a JSON Schema. */
import { z } from 'zod'
import { code } from './markdown.ts'

export const Node = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
})
export type Node = z.infer<typeof Node>

export const OPTION_HEAD = ['Key', 'What it sets', 'Values'] as const

/** One key: what it sets, what holds where it is left out, and which values it takes. */
export function option(path: string, node: Node): string[] {
  const fallback = node.default === undefined ? '' : ` Left out: ${fallbackText(node.default)}.`
  return [code(path), `${node.description ?? ''}${fallback}`, values(node)]
}

/** A row for each key of an object, and for the keys beneath it. */
export function optionRows(node: Node, before = ''): string[][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
    const inner = Node.parse(value)
    const path = `${before}${key}`
    const items = Node.safeParse(inner.items)
    return [
      option(path, inner),
      ...optionRows(inner, `${path}.`),
      ...(items.success ? optionRows(items.data, `${path}[].`) : []),
    ]
  })
}

function fallbackText(value: unknown): string {
  return Array.isArray(value) && value.length === 0 ? 'none' : code(String(value))
}

function values(node: Node): string {
  if (node.const !== undefined) return code(String(node.const))
  if (node.enum !== undefined) return node.enum.map((value) => code(String(value))).join(', ')
  if (node.type === 'array') {
    const items = Node.safeParse(node.items)
    const many =
      node.minItems !== undefined && node.maxItems !== undefined && node.minItems > 1
        ? `, ${node.minItems} to ${node.maxItems}`
        : ''
    return `list${items.success && items.data.enum !== undefined ? ` of ${values(items.data)}` : ''}${many}`
  }
  if (node.type === 'object') return ''
  if (node.minimum !== undefined && node.maximum !== undefined) return `${round(node.minimum)} to ${round(node.maximum)}`
  if (node.type === 'boolean') return '`true`, `false`'
  return node.type === 'string' ? 'text' : (node.type ?? '')
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100)
}
