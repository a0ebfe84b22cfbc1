import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfiguration } from '../../src/config/parse.ts'
import { configurationJsonSchema } from '../../src/config/publish.ts'
import { STEP_KINDS } from '../../src/pipeline/definitions.ts'
import { DOCS_FOLDER, GENERATED } from './pages.ts'
import { ABOUT } from './steps-page.ts'

const README = new URL('../README.md', DOCS_FOLDER)
const pages = [
  ...readdirSync(DOCS_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ name: `docs/${name}`, url: new URL(name, DOCS_FOLDER) })),
  ...(existsSync(README) ? [{ name: 'README.md', url: README }] : []),
]

/** Fenced YAML that is a configuration of Switchyard: it has a version. */
const examples = pages.flatMap(({ name, url }) =>
  [...readFileSync(url, 'utf8').matchAll(/^```ya?ml\r?\n([\s\S]*?)^```/gm)]
    .map(([, source = '']) => source)
    .filter((source) => /^version:/m.test(source))
    .map((source, index) => ({ name: `${name}, example ${index + 1}`, source })),
)

const validate = new Ajv2020({ allErrors: true, strict: false }).compile(configurationJsonSchema())

describe('the reference docs', () => {
  test.each(Object.entries(GENERATED))('docs/%s is what `npm run docs` writes', (name, make) => {
    expect(readFileSync(new URL(name, DOCS_FOLDER), 'utf8')).toBe(make())
  })

  test('there are examples', () => expect(examples.length).toBeGreaterThan(0))

  test.each(examples)('[CFG-4] a configuration shown in the docs is good: $name', ({ source }) => {
    expect(parseConfiguration(source)).toMatchObject({ ok: true })
    expect(validate(parse(source)), JSON.stringify(validate.errors)).toBe(true)
  })
})

/** What a kind's file says in plain words that it waits for; what it asks another file for is not among it. */
function waitsInSource(kind: string): string[] {
  const source = readFileSync(new URL(`../src/pipeline/steps/${kind}.ts`, DOCS_FOLDER), 'utf8')
  const named = [...source.matchAll(/\b(?:for|what): ((?:'[a-z]+'(?: \| )?)+)/g)].flatMap(([, words = '']) =>
    [...words.matchAll(/[a-z]+/g)].map(([word]) => word),
  )
  const asked = [...(/\bdispatch\(/.test(source) ? ['job'] : []), ...(/\bopenMissingPulls\(/.test(source) ? ['effect'] : [])]
  // Where several jobs are waited for, none is by itself.
  const all = new Set([...named, ...asked].filter((word) => !['person', 'outside'].includes(word)))
  if (all.has('jobs') || all.has('calls')) all.delete('job')
  return [...all].toSorted()
}

test.each(STEP_KINDS)('docs/steps.md tells every wait of the step kind $kind', ({ kind }) => {
  expect(ABOUT[kind]?.waits).toEqual(expect.arrayContaining(waitsInSource(kind)))
})

describe('[CFG-4] the JSON Schema of the file', () => {
  test('is generated from the schema that checks the file, and published with the docs', () => {
    expect(JSON.parse(readFileSync(new URL('switchyard.schema.json', DOCS_FOLDER), 'utf8'))).toEqual(configurationJsonSchema())
  })

  test.each([
    ['an unknown key', 'version: 1\npiplines: {}\n'],
    ['an unknown option of a step', 'version: 1\npipelines: { mine: [{ kind: agent, moed: code }] }\n'],
    ['an unknown kind', 'version: 1\npipelines: { mine: [{ kind: agnet }] }\n'],
    ['a value that is not one of those', 'version: 1\nmerge: { method: sqash }\n'],
    ['no version', 'merge: { by: auto }\n'],
  ])('refuses what the app refuses: %s', (_what, source) => {
    expect(parseConfiguration(source).ok).toBe(false)
    expect(validate(parse(source))).toBe(false)
  })

  test('completes every key and every option: each has a description', () => {
    const bare: string[] = []
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      if ('properties' in node) {
        for (const [key, value] of Object.entries(node.properties as object)) {
          if (key !== 'kind' && (value as { description?: string }).description === undefined) bare.push(`${path}.${key}`)
        }
      }
      for (const [key, value] of Object.entries(node)) walk(value, `${path}.${key}`)
    }
    walk(configurationJsonSchema(), '')
    expect(bare).toEqual([])
  })
})
