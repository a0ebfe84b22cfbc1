import { expect, test } from 'vitest'
import { isManifest, manifestChanges } from './manifests.ts'

const says = (file: string, before: unknown, after: unknown) => {
  const text = (value: unknown) => (value === null || typeof value === 'string' ? value : JSON.stringify(value))
  return manifestChanges(file, text(before) as string | null, text(after) as string | null).map(({ what }) => what)
}
const lock = (packages: Record<string, object>) => ({ lockfileVersion: 3, packages })
const from = (host: string, more = {}) => ({ resolved: `https://${host}/a/-/a-1.0.0.tgz`, ...more })

test.each([
  [
    'a new install script',
    { scripts: { test: 'x' } },
    { scripts: { test: 'x', postinstall: 'node a.js' } },
    ['install script "postinstall"'],
  ],
  [
    'one that changes',
    { scripts: { prepare: 'husky' } },
    { scripts: { prepare: 'husky; curl x' } },
    ['install script "prepare"'],
  ],
  ['other scripts', { scripts: { test: 'x' } }, { scripts: { test: 'y', build: 'z', lint: 'l' } }, []],
  ['one that goes away', { scripts: { postinstall: 'x' } }, {}, []],
  [
    'a version',
    { dependencies: { a: '1.0.0' } },
    { dependencies: { a: '^2.0.0', b: 'npm:c@1', d: 'workspace:*', e: 'file:../e' } },
    [],
  ],
  [
    'a package from a repository',
    {},
    { devDependencies: { a: 'evil/a', b: 'git+ssh://git@x/b.git' } },
    ['package "a" from an address', 'package "b" from an address'],
  ],
  ['one in overrides', {}, { overrides: { a: { b: 'https://x.test/b.tgz' } } }, ['package "b" from an address']],
  ['what may run install scripts', {}, { pnpm: { onlyBuiltDependencies: ['a'] } }, ['packages that may run install scripts']],
  [
    'a package manager from an address',
    {},
    { packageManager: 'yarn@https://x.test/yarn.js' },
    ['package manager from an address'],
  ],
  ['what is no JSON', {}, '{ scripts: {} }', ['cannot be read as JSON']],
])('package.json: %s', (_what, before, after, expected) => {
  expect(says('packages/a/package.json', before, after)).toEqual(expected)
})

test.each([
  [
    'more from the same place',
    lock({ 'node_modules/a': from('r.test') }),
    lock({ 'node_modules/a': from('r.test'), 'node_modules/b': from('r.test') }),
    [],
  ],
  [
    'another place',
    lock({ 'node_modules/a': from('r.test') }),
    lock({ 'node_modules/a': from('evil.test') }),
    ['packages from evil.test'],
  ],
  [
    'a package that runs a script now',
    lock({ 'node_modules/a': from('r.test') }),
    lock({ 'node_modules/a': from('r.test', { hasInstallScript: true }) }),
    ['install script of a'],
  ],
  [
    'a git dependency',
    lock({}),
    lock({ 'node_modules/a': { resolved: 'git+ssh://git@github.com/x/a.git#1' } }),
    ['packages from github.com'],
  ],
  [
    'the old format',
    lock({}),
    { dependencies: { a: { dependencies: { b: { resolved: 'http://evil.test/b' } } } } },
    ['packages from evil.test'],
  ],
])('package-lock.json: %s', (_what, before, after, expected) => {
  expect(says('package-lock.json', before, after)).toEqual(expected)
})

test.each([
  [
    'yarn.lock',
    '  resolved "https://r.test/a.tgz"\n',
    '  resolved "https://r.test/b.tgz"\n  resolved "https://evil.test/c.tgz"\n',
    ['packages from evil.test'],
  ],
  ['requirements-dev.txt', 'a==1\n', '--extra-index-url https://evil.test/simple\na==1\n', ['packages from evil.test']],
  ['Cargo.toml', '[dependencies]\n', '[dependencies]\na = { git = "https://evil.test/a" }\n', ['packages from evil.test']],
  [
    'Gemfile',
    'source "https://r.test"\n',
    'source "https://r.test"\ngem "a", git: "git@evil.test:a.git"\n',
    ['packages from evil.test'],
  ],
  ['go.mod', 'require a v1\n', 'require a v1\nreplace a => b v2\n', ['a module in place of another']],
  ['pyproject.toml', '[project]\n', '[project]\nHomepage = "https://home.test"\n', []],
])('%s', (file, before, after, expected) => {
  expect(isManifest(`deep/${file}`)).toBe(true)
  expect(says(file, before, after)).toEqual(expected)
})

test('a new manifest counts whole, a deleted one not at all; other files are none', () => {
  expect(says('package.json', null, { scripts: { install: 'x' } })).toEqual(['install script "install"'])
  expect(says('package.json', { scripts: { install: 'x' } }, null)).toEqual([])
  expect(['src/package.ts', 'README.md', 'my-package.json', 'a.lock'].filter(isManifest)).toEqual([])
})
