/**
 * Makes `rest.json` from GitHub's full description: the answers of the operations the local GitHub serves, and the
 * schemas they use, as JSON Schema for ajv. Run it after adding an operation:
 *
 *     npm install --prefix /tmp/description @octokit/openapi
 *     node test/github/openapi/trim.ts /tmp/description/node_modules/@octokit/openapi/generated/api.github.com.json
 */
import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { routes } from '../rest/routes.ts'

const Json = z.record(z.string(), z.unknown())
const Description = z.object({
  info: z.object({ version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), Json), responses: z.record(z.string(), z.unknown()) }),
})
type Description = z.infer<typeof Description>
const Operation = z.object({ responses: z.record(z.string(), z.unknown()) })
const ResponseOf = z.object({
  content: z.record(z.string(), z.object({ schema: Json.optional() })).optional(),
})

/** Words about values, and OpenAPI's own keywords that say nothing about their shape. */
const DROPPED = new Set([
  'description',
  'example',
  'examples',
  'title',
  'deprecated',
  'externalDocs',
  'default',
  'readOnly',
  'discriminator',
])
const SCHEMA_REF = '#/components/schemas/'

export interface TrimmedDescription {
  version: string
  /** `GET /app` to status to schema; null where the answer has no JSON body. */
  operations: Record<string, Record<string, unknown>>
  schemas: Record<string, unknown>
}

export function trim(full: unknown): TrimmedDescription {
  const description = Description.parse(full)
  const used = new Map<string, unknown>()
  const take = (name: string) => {
    if (used.has(name)) return
    used.set(name, null)
    used.set(name, toJsonSchema(description.components.schemas[name] ?? {}, take))
  }
  const operations: TrimmedDescription['operations'] = {}
  for (const { method, path } of routes) {
    const operation = Operation.safeParse(operationOf(description, method, path))
    if (!operation.success) throw new Error(`GitHub's description has no ${method} ${path}`)
    operations[`${method} ${path}`] = Object.fromEntries(
      Object.entries(operation.data.responses).map(([status, response]) => [status, answerSchema(description, response, take)]),
    )
  }
  const schemas = Object.fromEntries([...used].sort(([a], [b]) => a.localeCompare(b)))
  return { version: description.info.version, operations, schemas }
}

/** The local GitHub's `/contents` is GitHub's `/contents/{path}` with an empty path. */
function operationOf(description: Description, method: string, path: string): unknown {
  const known = description.paths[path] ?? description.paths[`${path}/{path}`]
  return known?.[method.toLowerCase()]
}

function answerSchema(description: Description, response: unknown, take: (name: string) => void): unknown {
  const ref = z.object({ $ref: z.string() }).safeParse(response)
  const resolved = ref.success ? description.components.responses[ref.data.$ref.split('/').at(-1) ?? ''] : response
  const { content } = ResponseOf.parse(resolved)
  const schema = content?.['application/json']?.schema
  return schema === undefined ? null : toJsonSchema(schema, take)
}

function toJsonSchema(value: unknown, take: (name: string) => void): unknown {
  if (Array.isArray(value)) return value.map((one) => toJsonSchema(one, take))
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...schema } = { nullable: false, ...value }
  const made: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(schema)) {
    if (key === '$ref' && typeof part === 'string') {
      const name = part.slice(SCHEMA_REF.length)
      take(name)
      made.$ref = `#/schemas/${name}`
    } else if (key === 'properties' && typeof part === 'object' && part !== null) {
      made.properties = Object.fromEntries(Object.entries(part).map(([name, one]) => [name, toJsonSchema(one, take)]))
    } else if (key === 'allOf' && isAlternative(part)) {
      made.anyOf = toJsonSchema(part, take)
    } else if (!DROPPED.has(key) && !key.startsWith('x-')) {
      made[key] = key === 'enum' || key === 'required' ? part : toJsonSchema(part, take)
    }
  }
  return nullable === true ? { anyOf: [{ type: 'null' }, made] } : made
}

/** The list of installations asks for an account that is a person and an enterprise at once; elsewhere it is either. */
function isAlternative(parts: unknown): boolean {
  const titles = z.array(z.object({ title: z.string() })).safeParse(parts)
  return titles.success && titles.data.map(({ title }) => title).join() === 'Simple User,Enterprise'
}

if (import.meta.main) {
  const [source] = process.argv.slice(2)
  if (source === undefined) throw new Error('give the path of the full description')
  const trimmed = trim(JSON.parse(await readFile(source, 'utf8')))
  await writeFile(new URL('rest.json', import.meta.url), `${JSON.stringify(trimmed)}\n`)
}
