import { describe, expect, it } from 'vitest'
import { matchesFilter } from './branch-filter.ts'

describe('branch patterns of workflows', () => {
  const cases: [string[], string, boolean][] = [
    [['main'], 'main', true],
    [['main'], 'main2', false],
    [['*'], 'main', true],
    [['*'], 'switchyard/a', false],
    [['**'], 'switchyard/a', true],
    [['switchyard/**'], 'switchyard/a/b', true],
    [['**/a'], 'a', true],
    [['**/a'], 'x/y/a', true],
    [['releases/**', '!releases/**-alpha'], 'releases/1', true],
    [['releases/**', '!releases/**-alpha'], 'releases/1-alpha', false],
    [['!main', 'main'], 'main', true],
    [['v[12].[0-9]+.[0-9]+'], 'v1.10.1', true],
    [['v[12].[0-9]+.[0-9]+'], 'v3.10.1', false],
    [['mai?n'], 'man', true],
    [['a.b'], 'axb', false],
    [['a(b'], 'a(b', true],
    [['+'], 'x', false],
    [[], 'main', false],
  ]
  for (const [patterns, branch, passes] of cases) {
    it(`[${patterns.join(', ')}] ${passes ? 'matches' : 'does not match'} ${branch}`, () => {
      expect(matchesFilter(patterns, branch)).toBe(passes)
    })
  }
})
