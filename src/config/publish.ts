/** The JSON Schema of `.github/switchyard.yml`, for editors: the file's own schema, with each step kind's options. */
import { z } from 'zod'
import { STEP_KINDS } from '../pipeline/definitions.ts'
import { rolesThatFit } from '../pipeline/role-reports.ts'
import { ConfigurationFile } from './file.ts'

const Json = z.record(z.string(), z.unknown())
type Json = z.infer<typeof Json>

/** Generated from the same schemas that check the file. */
export function configurationJsonSchema(): Json {
  const file = Json.parse(z.toJSONSchema(ConfigurationFile, { io: 'input' }))
  const properties = Json.parse(file.properties)
  const pipelines = Json.parse(properties.pipelines)
  const steps = {
    ...Json.parse(pipelines.additionalProperties),
    items: { anyOf: STEP_KINDS.map(({ kind }) => stepJsonSchema(kind)) },
  }
  return {
    ...file,
    title: '.github/switchyard.yml',
    properties: { ...properties, pipelines: { ...pipelines, additionalProperties: steps } },
  }
}

/** What every step has, and a file need not write. */
const CAN_BE_LEFT_OUT = ['kind', 'id', 'enabled']

/** The options of one kind, as JSON Schema. A file may leave out the id. */
export function stepJsonSchema(name: string): Json {
  const kind = STEP_KINDS.find((candidate) => candidate.kind === name)
  if (kind === undefined) throw new Error(`there is no step kind ${name}`)
  const { $schema: _, ...schema } = Json.parse(z.toJSONSchema(kind.config, { io: 'input' }))
  const properties = Json.parse(schema.properties)
  const needed = z.array(z.string()).parse(schema.required ?? [])
  return {
    ...schema,
    description: kind.summary,
    required: ['kind', ...needed.filter((option) => !CAN_BE_LEFT_OUT.includes(option))],
    properties: {
      ...properties,
      id: { ...Json.parse(properties.id), description: "The step's name, unique in its pipeline. Left out: the kind." },
      ...rolesOf(name, properties),
      enabled: { ...Json.parse(properties.enabled), description: 'Whether the step is done.' },
    },
  }
}

/** The roles that fit, for an editor to offer; in the app's own schema a role is any name, so that its words can be nearer. */
function rolesOf(kind: string, properties: Json): Json {
  const named = (['role', 'fixer'] as const).flatMap((option) =>
    properties[option] === undefined ? [] : [[option, { ...Json.parse(properties[option]), enum: rolesThatFit(kind, option) }]],
  )
  return { ...Object.fromEntries(named), ...stepsWithin(kind, properties) }
}

/** The same of the steps within a step. */
function stepsWithin(kind: string, properties: Json): Json {
  const steps = Json.safeParse(properties.steps)
  const items = Json.safeParse(steps.data?.items)
  if (!steps.success || !items.success) return {}
  const inner = Json.parse(items.data.properties)
  return { steps: { ...steps.data, items: { ...items.data, properties: { ...inner, ...rolesOf(kind, inner) } } } }
}
