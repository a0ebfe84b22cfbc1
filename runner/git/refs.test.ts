import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBranchName } from './refs.ts'

function gitSays(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', `refs/heads/${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('takes the branch names that git takes, but for those that git reads as something else', () => {
  const pieces = [
    'a',
    'B',
    '/',
    '.',
    '..',
    '.lock',
    '@',
    '@{',
    '-',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    ' ',
    '\t',
    'é',
    'HEAD',
    '{',
    'switchyard/',
    '\u007f',
  ]
  const names = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(names, (name) => {
      const special = name === '@' || name === 'HEAD' || name.startsWith('-')
      expect(isBranchName(name)).toBe(gitSays(name) && !special)
    }),
    { numRuns: 150 },
  )
})

test.each(['-x', '--upload-pack=x', 'a..b', 'a.lock', '/a', 'a/', '', 'a b', 'refs/heads/../x', 'HEAD', '@'])(
  'refuses %j',
  (name) => {
    const special = name === '@' || name === 'HEAD' || name.startsWith('-')
    expect(isBranchName(name)).toBe(gitSays(name) && !special)
  },
)
