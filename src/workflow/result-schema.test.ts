import { expect, test } from 'vitest'
import { ResultSchema, resultProblems } from './result-schema.ts'

const SCHEMA = ResultSchema.parse({
  type: 'object',
  properties: {
    kind: { enum: ['a', 'b'] },
    lines: { type: 'array', items: { type: 'integer', minimum: 1 }, maxItems: 2 },
    note: { anyOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }] },
  },
  required: ['kind'],
  additionalProperties: false,
})

test('[WF-2] a result that meets its schema has no problems', () => {
  expect(resultProblems(SCHEMA, { kind: 'a', lines: [1, 2], note: null })).toEqual([])
  expect(resultProblems(SCHEMA, { kind: 'b' })).toEqual([])
})

test.for([
  [{}, 'kind: '],
  [{ kind: 'c' }, 'kind: '],
  [{ kind: 'a', lines: [0] }, 'lines.0: '],
  [{ kind: 'a', lines: [1, 2, 3] }, 'lines: '],
  [{ kind: 'a', note: 'long' }, 'note: '],
  [{ kind: 'a', more: 1 }, 'the result: '],
  ['a', 'the result: '],
  [null, 'the result: '],
] as const)('[WF-2] a result that does not is told where: %j', ([value, place]) => {
  expect(resultProblems(SCHEMA, value)).toEqual([expect.stringContaining(place)])
})

test.for([
  { type: 'string', pattern: '^(a+)+$' },
  { type: 'object', patternProperties: { '(a+)+$': {} } },
  { $ref: 'https://example.com/schema' },
  { type: 'text' },
  { enum: [] },
])('a schema that would make the app run a pattern, follow a reference, or means nothing is refused: %j', (schema) => {
  expect(ResultSchema.safeParse(schema).success).toBe(false)
})

test('a schema can be so deep and no deeper', () => {
  const nested = (depth: number): unknown => (depth === 0 ? {} : { type: 'array', items: nested(depth - 1) })
  expect(ResultSchema.safeParse(nested(16)).success).toBe(true)
  expect(ResultSchema.safeParse(nested(17)).success).toBe(false)
})
