/** What a person reads of each typical mistake, and that the published JSON Schema refuses what the app refuses. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { BUILT_IN_PIPELINES } from '../../src/config/built-in-pipelines.ts'
import { parseConfiguration } from '../../src/config/parse.ts'
import { configurationJsonSchema } from '../../src/config/publish.ts'
import { describeBroken } from '../../src/webhooks/handle/configuration.ts'
import { BROKEN_FILES } from './broken-files.ts'
import { FULL, shapeIsGood } from './full-file.ts'

const ajv = new Ajv2020({ allErrors: true, strict: false })
addFormats.default(ajv)
const validate = ajv.compile(configurationJsonSchema())

const errorsOf = (source: string) => {
  const result = parseConfiguration(source)
  return result.ok ? [] : result.errors
}

test('[CFG-1] what people read of typical mistakes: the line, the key, and what would be right', async () => {
  const told = BROKEN_FILES.map(({ mistake, source }) => {
    const place = { repository: 'acme/api', path: '.github/switchyard.yml', sha: '' }
    return `## ${mistake}\n\n\`\`\`yaml\n${source}\`\`\`\n\n${describeBroken([{ ...place, errors: errorsOf(source) }])}\n`
  })
  await expect(`# Broken files\n\n${told.join('\n')}`).toMatchFileSnapshot('golden/broken-files.md')
})

describe('[CFG-4] the JSON Schema and the app agree', () => {
  test.each(BROKEN_FILES)('$mistake', ({ source, refusedBy }) => {
    expect(errorsOf(source)).not.toEqual([])
    if (refusedBy === 'yaml') return
    expect(validate(parse(source))).toBe(refusedBy === 'meaning')
  })

  test.each(BUILT_IN_PIPELINES)('on the built-in pipeline $name, written as a file', ({ name, steps }) => {
    const source = stringify({ version: 1, pipelines: { [name]: steps } })
    expect(errorsOf(source)).toEqual([])
    expect(validate(parse(source)), JSON.stringify(validate.errors)).toBe(true)
  })

  test('on a file that says everything', () => {
    expect(errorsOf(stringify(FULL))).toEqual([])
    expect(validate(FULL), JSON.stringify(validate.errors)).toBe(true)
  })

  test('on whatever somebody changes in it', () => {
    fc.assert(
      fc.property(edits, (content) => {
        expect(validate(content), JSON.stringify(content)).toBe(shapeIsGood(content))
        // What the app takes, an editor must not mark as wrong.
        if (errorsOf(stringify(content)).length === 0) expect(validate(content)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

/** The full file with some of its values, at any depth, taken out, renamed or replaced. */
const edits = fc
  .array(
    fc.record({
      at: fc.nat(),
      how: fc.oneof(
        fc.record({ do: fc.constant('take out' as const) }),
        fc.record({ do: fc.constant('rename' as const), to: fc.constantFrom('x', 'kind', 'role', 'Permissions', 'by') }),
        fc.record({
          do: fc.constant('replace' as const),
          by: fc.oneof(
            fc.constantFrom<unknown>(
              null,
              '',
              0,
              1,
              -1,
              0.5,
              1.5,
              1e6,
              true,
              false,
              [],
              {},
              'write',
              'acme/web',
              'a b',
              '/x',
              '../x',
              '@x',
              'x[bot]',
              'agent',
              'coder',
            ),
            fc.string({ unit: 'grapheme-ascii' }),
            fc.constantFrom([''], ['x', 'x'], [null], { x: 1 }, [{}], [{ kind: 'plan' }]),
          ),
        }),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((each) => {
    const content = structuredClone(FULL) as object
    for (const { at, how } of each) {
      const places = placesIn(content)
      const place = places[at % places.length]
      if (place === undefined) continue
      const { within, key } = place
      if (how.do === 'replace') Object.assign(within, { [key]: structuredClone(how.by) })
      else {
        const value = Reflect.get(within, key)
        if (Array.isArray(within)) within.splice(Number(key), 1)
        else Reflect.deleteProperty(within, key)
        if (how.do === 'rename' && !Array.isArray(within)) Object.assign(within, { [how.to]: value })
      }
    }
    return content
  })

function placesIn(node: unknown): { within: object; key: string }[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => [{ within: node, key }, ...placesIn(value)])
}
