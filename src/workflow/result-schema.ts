import { z } from 'zod'
import { Json } from './json.ts'

/** Deepest nesting of a schema that an agent's result is checked with. */
const SCHEMA_DEPTH_MAX = 16

const TypeName = z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'])

/**
 * The JSON Schema (draft 2020-12) that an agent's result can be asked to meet: what describes a shape, and nothing that
 * would make the app run a script's regular expression (`pattern`, `patternProperties`) or follow a reference (`$ref`).
 */
export interface ResultSchema {
  type?: z.infer<typeof TypeName> | z.infer<typeof TypeName>[] | undefined
  title?: string | undefined
  description?: string | undefined
  default?: Json | undefined
  const?: Json | undefined
  enum?: Json[] | undefined
  anyOf?: ResultSchema[] | undefined
  properties?: Record<string, ResultSchema> | undefined
  required?: string[] | undefined
  additionalProperties?: boolean | ResultSchema | undefined
  items?: ResultSchema | undefined
  minItems?: number | undefined
  maxItems?: number | undefined
  minLength?: number | undefined
  maxLength?: number | undefined
  minimum?: number | undefined
  maximum?: number | undefined
}

const count = z.int().nonnegative()

function level(depth: number): z.ZodType<ResultSchema> {
  const inner: z.ZodType<ResultSchema> =
    depth === 0 ? z.custom<ResultSchema>(() => false, 'is nested too deep') : z.lazy(() => level(depth - 1))
  return z.strictObject({
    type: z.union([TypeName, z.array(TypeName).min(1).max(7)]).optional(),
    title: z.string().max(500).optional(),
    description: z.string().max(5_000).optional(),
    default: Json.optional(),
    const: Json.optional(),
    enum: z.array(Json).min(1).max(500).optional(),
    anyOf: z.array(inner).min(1).max(20).optional(),
    properties: z.record(z.string().max(200), inner).optional(),
    required: z.array(z.string().max(200)).max(200).optional(),
    additionalProperties: z.union([z.boolean(), inner]).optional(),
    items: inner.optional(),
    minItems: count.optional(),
    maxItems: count.optional(),
    minLength: count.optional(),
    maxLength: count.optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  })
}

export const ResultSchema: z.ZodType<ResultSchema> = level(SCHEMA_DEPTH_MAX)

/** What a value lacks to meet a schema, each with its place in the value; none where it meets it. */
export function resultProblems(schema: ResultSchema, value: unknown): string[] {
  const checked = z.fromJSONSchema(JSON.parse(JSON.stringify(schema))).safeParse(value)
  if (checked.success) return []
  return checked.error.issues.map(({ path, message }) => `${path.length === 0 ? 'the result' : path.join('.')}: ${message}`)
}
