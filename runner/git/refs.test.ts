import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBranchName } from './refs.ts'

/** What git says of each name; one shell asks for all of them. */
function gitSays(names: readonly string[]): boolean[] {
  const script = 'for name; do git check-ref-format "refs/heads/$name" && echo yes || echo no; done'
  const answers = execFileSync('sh', ['-c', script, 'sh', ...names], { encoding: 'utf8' })
  return answers
    .trim()
    .split('\n')
    .map((answer) => answer === 'yes')
}

/** Names of other meanings to git where one gives it a branch. */
const isSpecial = (name: string) => name === '@' || name === 'HEAD' || name.startsWith('-')

function expectAsGit(names: readonly string[]): void {
  const said = gitSays(names)
  for (const [index, name] of names.entries()) expect(isBranchName(name), name).toBe(said[index] === true && !isSpecial(name))
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
  expectAsGit(fc.sample(names, 300))
})

test('refuses what git does not take, or takes for something else', () => {
  expectAsGit(['-x', '--upload-pack=x', 'a..b', 'a.lock', '/a', 'a/', '', 'a b', 'refs/heads/../x', 'HEAD', '@'])
})
