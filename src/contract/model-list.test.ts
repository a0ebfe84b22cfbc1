import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isListed, ModelList, narrowedModels } from './model-list.ts'

describe('a list of models', () => {
  test.each([
    ['claude-sonnet-4-5', ['claude-sonnet-4-5'], true],
    ['claude-sonnet-4-5-20250929', ['claude-sonnet-4-5'], true],
    ['anthropic/Claude-Sonnet-4-5[1m]', ['claude-sonnet-4*'], true],
    ['claude-sonnet-4-5-evil', ['claude-sonnet-4-5'], false],
    ['claude-sonnet-4', ['claude-sonnet-4-5'], false],
    ['gpt-5', ['claude-*', 'gpt-5-mini'], false],
    ['anything', ['*'], true],
    ['anything', [], false],
  ])('%s of %j: %s', (model, list, is) => {
    expect(isListed(model, list)).toBe(is)
  })

  test('takes a * at the end of a name and nowhere else', () => {
    for (const good of ['claude-*', '*', 'm']) expect(ModelList.safeParse([good]).success, good).toBe(true)
    for (const bad of ['', 'cl*de', '**', 'a b', 'a,b']) expect(ModelList.safeParse([bad]).success, bad).toBe(false)
  })

  test('narrowed by another lets through what both do, and nothing else', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 4 })
    const entry = fc.tuple(name, fc.boolean()).map(([text, open]) => (open ? `${text}*` : text))
    const list = fc.array(entry, { maxLength: 4 })
    fc.assert(
      fc.property(list, list, name, (a, b, model) => {
        expect(isListed(model, narrowedModels(a, b))).toBe(isListed(model, a) && isListed(model, b))
      }),
      { numRuns: 2_000 },
    )
  })
})
