/** The JSON Schema of `.github/switchyard.yml`, for editors: the file's own schema, with each step kind's options. */
import { z } from 'zod'
import { STEP_KINDS } from '../pipeline/definitions.ts'
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

/** The options of one kind, as JSON Schema. A file may leave out the id. */
export function stepJsonSchema(name: string): Json {
  const kind = STEP_KINDS.find((candidate) => candidate.kind === name)
  if (kind === undefined) throw new Error(`there is no step kind ${name}`)
  const { $schema: _, ...schema } = Json.parse(z.toJSONSchema(kind.config, { io: 'input' }))
  const properties = Json.parse(schema.properties)
  return {
    ...schema,
    description: kind.summary,
    required: ['kind'],
    properties: {
      ...properties,
      id: { ...Json.parse(properties.id), description: "The step's name, unique in its pipeline. Left out: the kind." },
      enabled: { ...Json.parse(properties.enabled), description: 'Whether the step is done.' },
    },
  }
}
