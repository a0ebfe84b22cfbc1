import { stringify } from 'yaml'
import { BUILT_IN_CONFIGURATION, CONFIGURATION_PATH } from '../../src/config/defaults.ts'
import { configurationJsonSchema } from '../../src/config/publish.ts'
import { code, generatedFrom, table } from './markdown.ts'
import { Node, OPTION_HEAD, option } from './schema-table.ts'

const EXAMPLE = `version: 1
peers:
  - { repository: acme/storefront, role: consumer }
roles:
  coder:
    instructions: Write a test for every behaviour you change.
    limits: { durationMinutes: 90 }
approve:
  permissions: [maintain, admin]
merge:
  by: policy
  policy: { classes: [docs, test, dependency], maxLines: 300 }
protectedPaths: ['src/billing/**']
schedules:
  - name: weekly
    cron: 0 6 * * 1
    timeZone: Europe/Berlin
    pipeline: dependencies
    title: Dependencies of {date}
validation:
  - { name: lint, run: npm run lint }
pipelines:
  small:
    - { kind: agent, id: code }
    - { kind: companion, id: review }
    - { kind: ci, attempts: 3 }
    - { kind: merge }
`

/** docs/configuration.md: every key, from the schema that checks the file. */
export function configurationPage(): string {
  return `${generatedFrom('src/config/file.ts')}

# Configuration

${code(CONFIGURATION_PATH)} is read from the default branch, never from a pull request. Under it lies the same file in the
organisation's \`.github\` repository, and under that the built-in defaults: without any file everything works. Sections are
laid over one another key by key, pipelines by name, roles by role, peers by repository; protected paths add up; schedules
are those of the repository's own file; other lists are taken whole. A key that is not known is an error, with its line and the nearest known one.

\`\`\`yaml
${EXAMPLE}\`\`\`

Editors complete and check the file with [the JSON Schema](switchyard.schema.json).

## Keys

${table(OPTION_HEAD, keys(Node.parse(configurationJsonSchema()), ''))}

What the clock starts: [schedules](schedules.md). What a step takes depends on its kind: [steps](steps.md). [The built-in pipelines](pipelines.md) are written the same way.

## Built-in defaults

\`\`\`yaml
${stringify({ version: 1, ...withoutEmpty({ ...BUILT_IN_CONFIGURATION, pipelines: {} }) }, { flowCollectionPadding: true })}\`\`\`
`
}

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

function withoutEmpty(configuration: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(configuration).filter(([, value]) => typeof value !== 'object' || Object.keys(value).length > 0),
  )
}
