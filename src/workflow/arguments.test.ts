import { expect, test } from 'vitest'
import { checkArguments, checkArgumentValues } from './arguments.ts'
import { WorkflowMeta } from './meta.ts'

const META = WorkflowMeta.parse({
  name: 'migrate',
  description: 'd',
  arguments: {
    type: 'object',
    properties: {
      path: { type: 'string', minLength: 2, maxLength: 10 },
      kind: { type: 'string', enum: ['a', 'b'], default: 'a' },
      most: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
      share: { type: 'number', minimum: 0 },
      deep: { type: 'boolean' },
      names: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 3 },
    },
    required: ['path'],
  },
})

test('arguments of a command are text, and become what the workflow asks for', () => {
  expect(checkArguments(META, { path: 'src', most: '7', share: '0.5', deep: 'true', names: 'a, b' })).toEqual({
    ok: true,
    args: { path: 'src', kind: 'a', most: 7, share: 0.5, deep: true, names: ['a', 'b'] },
  })
  expect(checkArguments(META, { path: '77', names: '' })).toEqual({
    ok: true,
    args: { path: '77', kind: 'a', most: 3, names: [] },
  })
})

test.for([
  [{}, '`path` is missing: write `path=…` (text from 2 to 10 characters)'],
  [{ path: 'x' }, '`path` must be text from 2 to 10 characters'],
  [{ path: 'src', kind: 'c' }, '`kind` must be one of `a`, `b`'],
  [{ path: 'src', most: '0' }, '`most` must be a whole number from 1 to 9'],
  [{ path: 'src', most: '2.5' }, '`most` must be a whole number from 1 to 9'],
  [{ path: 'src', most: '' }, '`most` must be a whole number from 1 to 9'],
  [{ path: 'src', share: 'Infinity' }, '`share` must be a number of at least 0'],
  [{ path: 'src', deep: 'yes' }, '`deep` must be `true` or `false`'],
  [
    { path: 'src', names: 'a,b,c,d' },
    '`names` must be a list with commas between of at most 3 items, each text of at least 1 characters',
  ],
  [{ path: 'src', names: 'a,,b' }, '`names` must be a list'],
  [{ path: 'src', mots: '3' }, '`mots` is no argument of `migrate`: did you mean `most`?'],
  [{ path: 'src', elsewhere: '3' }, '`elsewhere` is no argument of `migrate`: it takes `path`, `kind`'],
  [{ path: 'src', toString: '3' }, '`toString` is no argument of `migrate`'],
] as const)('an argument that does not fit is refused with its name and what to write: %j', ([given, problem]) => {
  const checked = checkArguments(META, given)
  expect(checked.ok ? [] : checked.problems).toEqual([expect.stringContaining(problem)])
})

test('values of JSON are checked, not converted', () => {
  expect(checkArgumentValues(META, { path: 'src', most: 2 })).toMatchObject({ ok: true, args: { most: 2 } })
  expect(checkArgumentValues(META, { path: 'src', most: '2' })).toMatchObject({ ok: false })
  expect(checkArgumentValues(META, { path: 'src', names: ['a', 1] })).toMatchObject({ ok: false })
  expect(checkArgumentValues(META, { path: 'src', share: Number.NaN })).toMatchObject({ ok: false })
})
