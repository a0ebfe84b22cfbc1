import { describe, expect, test } from 'vitest'
import { ownersOf, parseCodeOwners } from './code-owners.ts'

const owners = (file: string, path: string) => ownersOf(parseCodeOwners(file), path)

/** GitHub's own example, line by line. */
const EXAMPLE = `# Comments are ignored
*       @global-owner1 @global-owner2
*.js    @js-owner # This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
`

describe('[CMD-3] who owns code, by the rules of CODEOWNERS', () => {
  test.each([
    ['README.md', ['@global-owner1', '@global-owner2']],
    ['src/deep/index.js', ['@js-owner']],
    ['main.go', ['docs@example.com']],
    ['a/b.txt', ['@octo-org/octocats']],
    ['build/logs/today/x.log', ['@octocat']],
    ['sub/build/logs2/x.log', ['@global-owner1', '@global-owner2']],
    ['docs/getting-started.md', ['@doctocat']],
    ['docs/build-app/troubleshooting.md', ['@doctocat']],
    ['sub/apps/x', ['@octocat']],
    ['scripts/run', ['@doctocat', '@octocat']],
    ['deeply/nested/logs/x', ['@octocat']],
    ['apps/other', ['@octocat']],
    ['apps/github', []],
    ['apps/github/readme', []],
  ])('%s', (path, expected) => expect(owners(EXAMPLE, path)).toEqual(expected))

  test('the last line that matches decides, also when it names nobody', () => {
    expect(owners('/a/ @x\n/a/b/ @y', 'a/b/c')).toEqual(['@y'])
    expect(owners('/a/b/ @y\n/a/ @x', 'a/b/c')).toEqual(['@x'])
    expect(owners('* @x\n/free/', 'free/y')).toEqual([])
  })

  test('`docs/*` is for the files right in it, and is tied to the root', () => {
    expect(owners('docs/* @x', 'docs/a.md')).toEqual(['@x'])
    expect(owners('docs/* @x', 'docs/a/b.md')).toEqual([])
    expect(owners('docs/* @x', 'sub/docs/a.md')).toEqual([])
  })

  test.each([
    ['/src/**/test.ts', 'src/test.ts', true],
    ['/src/**/test.ts', 'src/a/b/test.ts', true],
    ['/src/**', 'src/a/b', true],
    ['/src/**', 'srcs/a', false],
    ['test?.ts', 'a/test1.ts', true],
    ['test?.ts', 'a/test/.ts', false],
    ['/a\\ b/', 'a b/c', true],
    ['/a.b', 'axb', false],
    ['(x)+', 'a/(x)+', true],
    ['/A', 'a', false],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(owners(`${pattern} @x`, path)).toEqual(matches ? ['@x'] : [])
  })

  test.each(['!x @a', '[a-z] @a', 'x @a b', 'x a', 'x @acme/'])('a line that GitHub cannot read does not count: %s', (line) => {
    expect(owners(`* @before\n${line}\n`, 'x')).toEqual(['@before'])
  })

  test('thousands of stars do not keep it busy', () => {
    const rules = parseCodeOwners(`${'*a'.repeat(12)}b @x`)
    expect(ownersOf(rules, `${'a'.repeat(200)}c`)).toEqual([])
  }, 2_000)
})
