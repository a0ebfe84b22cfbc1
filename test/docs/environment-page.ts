import { EnvironmentSchema } from '../../src/config/environment-schema.ts'
import { about } from '../../src/config/variable.ts'
import { code, generatedFrom, table } from './markdown.ts'

const number = new Intl.NumberFormat('en-US')

/** docs/environment.md: every variable, from the schema that checks it. */
export function environmentPage(): string {
  const rows = Object.entries(EnvironmentSchema.shape).map(([variable, schema]) => {
    const said = about.get(schema)
    if (said === undefined) throw new Error(`${variable} is not described`)
    const { description, default: fallback, unset = '', min, max, secret } = said
    const bounds = min === undefined || max === undefined ? '' : `${number.format(min)} to ${number.format(max)}`
    return [
      code(variable),
      `${description}${secret ? ' Secret.' : ''}`,
      fallback === undefined ? unset : code(fallback),
      bounds,
    ]
  })
  return `${generatedFrom('src/config/environment-schema.ts')}

# Environment

What the app reads from its environment at start. An empty variable counts as not set. What is wrong is said all at
once, with the line to write, and the app does not start. What a repository's people decide is in
[\`.github/switchyard.yml\`](configuration.md).

${table(['Variable', 'What it sets', 'Where it is not set', 'Bounds'], rows)}
`
}
