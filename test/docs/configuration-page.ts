import { stringify } from 'yaml'
import { z } from 'zod'
import { BUILT_IN_CONFIGURATION, CONFIGURATION_PATH } from '../../src/config/defaults.ts'
import { configurationJsonSchema, stepJsonSchema } from '../../src/config/publish.ts'
import { STEP_KINDS } from '../../src/pipeline/definitions.ts'
import { code, generatedFrom, table } from './markdown.ts'

const Node = z.looseObject({
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
})
type Node = z.infer<typeof Node>

const EXAMPLE = `version: 1
peers:
  - { repository: acme/storefront, role: consumer }
roles:
  coder:
    instructions: Write a test for every behaviour you change.
    limits: { durationMinutes: 90 }
approve:
  permissions: [maintain, admin]
merge: { by: auto, method: squash }
pipelines:
  small:
    - { kind: agent, id: code }
    - { kind: companion, id: review }
    - { kind: ci, attempts: 3 }
    - { kind: merge }
`

/** docs/configuration.md: every key, from the schema that checks the file. */
export function configurationPage(): string {
  const kinds = STEP_KINDS.map(({ kind, summary }) => {
    const node = Node.parse(stepJsonSchema(kind))
    const own = Object.entries(node.properties ?? {}).filter(([key]) => !['id', 'kind', 'enabled'].includes(key))
    const options =
      own.length === 0
        ? 'It takes no options.'
        : table(
            OPTION_HEAD,
            own.map(([key, value]) => option(key, Node.parse(value))),
          )
    return `### ${kind}\n\n${summary}\n\n${options}`
  })
  return `${generatedFrom('src/config/file.ts and src/pipeline/steps')}

# Configuration

${code(CONFIGURATION_PATH)} is read from the default branch, never from a pull request. Under it lies the same file in the
organisation's \`.github\` repository, and under that the built-in defaults: without any file everything works. Sections are
laid over one another key by key, pipelines by name, roles by role, peers by repository; other lists are taken whole. A key
that is not known is an error, with its line and the nearest known one.

\`\`\`yaml
${EXAMPLE}\`\`\`

Editors complete and check the file with [the JSON Schema](switchyard.schema.json).

## Keys

${table(OPTION_HEAD, keys(Node.parse(configurationJsonSchema()), ''))}

## Steps

A step has a \`kind\`; \`id\` (the kind, if left out) is unique in its pipeline; \`enabled: false\` skips it. Companions stand
directly after their producer, a pipeline has one merge at most, and at least one step is enabled.

${kinds.join('\n\n')}

## Built-in defaults

\`\`\`yaml
${stringify({ version: 1, ...withoutEmpty(BUILT_IN_CONFIGURATION) }, { flowCollectionPadding: true })}\`\`\`
`
}

const OPTION_HEAD = ['Key', 'What it sets', 'Values'] as const

/** A row for each key and all that is beneath it. Steps have tables of their own; the roles are all alike. */
function keys(node: Node, before: string): string[][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
    const inner = Node.parse(value)
    const path = `${before}${key}`
    if (path === 'pipelines') return [option(path, inner)]
    if (path === 'roles') return [option(path, inner), ...roles(inner)]
    const items = Node.safeParse(inner.items)
    return [option(path, inner), ...keys(inner, `${path}.`), ...(items.success ? keys(items.data, `${path}[].`) : [])]
  })
}

function roles(node: Node): string[][] {
  const entries = Object.entries(node.properties ?? {}).map(([name, value]) => ({ name, role: Node.parse(value) }))
  const each = entries.map(({ name, role }) => [code(`roles.${name}`), role.description ?? '', ''])
  const [first] = entries
  return first === undefined ? each : [...each, ...keys(first.role, 'roles.<role>.')]
}

function option(path: string, node: Node): string[] {
  const fallback = node.default === undefined ? '' : ` Left out: ${code(String(node.default))}.`
  return [code(path), `${node.description ?? ''}${fallback}`, values(node)]
}

function values(node: Node): string {
  if (node.const !== undefined) return code(String(node.const))
  if (node.enum !== undefined) return node.enum.map((value) => code(String(value))).join(', ')
  if (node.type === 'array') {
    const items = Node.safeParse(node.items)
    return `list${items.success && items.data.enum !== undefined ? ` of ${values(items.data)}` : ''}`
  }
  if (node.type === 'object') return ''
  if (node.minimum !== undefined && node.maximum !== undefined) return `${round(node.minimum)} to ${round(node.maximum)}`
  if (node.type === 'boolean') return '`true`, `false`'
  return node.type === 'string' ? 'text' : (node.type ?? '')
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function withoutEmpty(configuration: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(configuration).filter(([, value]) => typeof value !== 'object' || Object.keys(value).length > 0),
  )
}
