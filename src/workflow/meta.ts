import { z } from 'zod'

const described = { title: z.string().max(200).optional(), description: z.string().max(2_000).optional() }
const count = z.int().nonnegative().max(10_000)

const StringArgument = z.strictObject({
  type: z.literal('string'),
  ...described,
  enum: z.array(z.string().max(500)).min(1).max(100).optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  default: z.string().optional(),
})

const NumberArgument = z.strictObject({
  type: z.enum(['number', 'integer']),
  ...described,
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.number().optional(),
})

const BooleanArgument = z.strictObject({ type: z.literal('boolean'), ...described, default: z.boolean().optional() })

const ListArgument = z.strictObject({
  type: z.literal('array'),
  ...described,
  items: StringArgument.omit({ default: true }),
  minItems: count.optional(),
  maxItems: count.optional(),
  default: z.array(z.string()).optional(),
})

/** One argument: what a person can write behind `key=` in a command. */
export const Argument = z.discriminatedUnion('type', [StringArgument, NumberArgument, BooleanArgument, ListArgument])
export type Argument = z.infer<typeof Argument>

const ArgumentName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_-]{0,39}$/, 'is no name for an argument: a lower-case letter, then letters, digits, - and _')

/** A workflow's arguments as JSON Schema: one object of plain values. */
export const Arguments = z
  .strictObject({
    type: z.literal('object'),
    properties: z.record(ArgumentName, Argument),
    required: z.array(z.string()).max(50).default([]),
    additionalProperties: z.literal(false).optional(),
  })
  .check((context) => {
    for (const name of context.value.required) {
      if (Object.hasOwn(context.value.properties, name)) continue
      context.issues.push({
        code: 'custom',
        path: ['required'],
        message: `names \`${name}\`, which is no property`,
        input: name,
      })
    }
  })
export type Arguments = z.infer<typeof Arguments>

/** The names that a workflow can have, in its file's name and in commands. */
export const WorkflowName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

/** What a workflow says of itself: `export const meta`. */
export const WorkflowMeta = z.strictObject({
  /** As its file is called, without `.js`. */
  name: WorkflowName,
  description: z.string().min(1).max(500),
  /** In the order in which they are shown; `phase()` may name others. */
  phases: z
    .array(z.strictObject({ title: z.string().min(1).max(100), detail: z.string().max(500).optional() }))
    .max(30)
    .default([]),
  arguments: Arguments.prefault({ type: 'object', properties: {} }),
})
export type WorkflowMeta = z.infer<typeof WorkflowMeta>
