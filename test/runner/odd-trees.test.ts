/** Trees as they are out there, and what agents do to theirs: what comes back, byte for byte. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JobResult } from '../../src/contract/job.ts'
import { listTree, type Planted, plantTree, utf8 } from '../support/plant-tree.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
let bare: string
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api', { 'README.md': '#\n', 'src/index.js': '1\n' })
  bare = path.join(shop.dir, 'repos/acme/api.git')
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
const COMMIT = '1234567890123456789012345678901234567890'
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 123456\n`
const LONG = `${'d'.repeat(200)}/`.repeat(10)
const NFC = utf8('caf\u00e9.txt')
const NFD = utf8('cafe\u0301.txt')

/** Runs a job on `main` with these entries, and gives its result with what differs between the trees. */
async function run(entries: readonly Planted[], script: string) {
  if (entries.length > 0) await plantTree(bare, entries)
  const before = await listTree(bare, 'main')
  const steps: Step[] = script === '' ? [success()] : [{ do: 'sh', script: `set -e\n${script}` }, success()]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], steps))
  const pushed = (await shop.git('acme/api', 'branch', '--list', BRANCH)) !== ''
  const after = pushed ? await listTree(bare, BRANCH) : before
  const differs = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))
  return { result, after, differs: differs.toSorted(), said: JSON.stringify(result) }
}

async function bytes(name: string): Promise<string> {
  const { stdout } = await execa('git', ['cat-file', 'blob', `${BRANCH}:${name}`], {
    cwd: bare,
    encoding: 'latin1',
    stripFinalNewline: false,
  })
  return stdout
}

interface Case {
  readonly tree?: readonly Planted[]
  readonly script: string
  /** What differs in the end between the base and what was pushed; empty: nothing was pushed. */
  readonly differs: readonly string[]
  readonly leg?: Partial<JobResult['legs'][number]>
  readonly check?: (after: Map<string, string>) => void | Promise<void>
}

const edit = 'echo new > README.md'
const cases: Record<string, Case> = {
  'a submodule: its folder is empty, and the link stays as it is': {
    tree: [
      { name: 'vendor/lib', mode: '160000', content: COMMIT },
      { name: '.gitmodules', content: '[submodule "lib"]\n\tpath = vendor/lib\n\turl = http://127.0.0.1:1/lib.git\n' },
    ],
    script: `test -z "$(ls -A vendor/lib)"; ${edit}`,
    differs: ['README.md'],
    leg: { leftOut: [] },
  },
  'a submodule that the agent fills: its files are not taken, and the link stays': {
    tree: [{ name: 'vendor/lib', mode: '160000', content: COMMIT }],
    script: `cd vendor/lib; git init -q; echo x > x; git add x; git -c user.name=a -c user.email=a@b commit -qm x; cd ../..; ${edit}`,
    differs: ['README.md'],
  },
  'a submodule that the agent removes is removed': {
    tree: [{ name: 'vendor/lib', mode: '160000', content: COMMIT }],
    script: 'git rm -q vendor/lib; git commit -qm Remove',
    differs: ['vendor/lib'],
  },
  'LFS pointers: never smudged, and unchanged byte for byte': {
    tree: [
      { name: '.gitattributes', content: '*.bin filter=lfs diff=lfs merge=lfs -text\n' },
      { name: 'large.bin', content: POINTER },
    ],
    script: `grep -q '^size 123456$' large.bin; touch large.bin; ${edit}`,
    differs: ['README.md'],
    check: async () => expect(await bytes('large.bin')).toBe(POINTER),
  },
  'LFS: what the agent puts in a pointer’s place is taken as it is': {
    tree: [
      { name: '.gitattributes', content: '*.bin filter=lfs diff=lfs merge=lfs -text\n' },
      { name: 'large.bin', content: POINTER },
    ],
    script: `printf 'raw\\000\\r\\n' > large.bin`,
    differs: ['large.bin'],
    check: async () => expect(await bytes('large.bin')).toBe('raw\0\r\n'),
  },
  'links: absolute, out of the tree, dangling, to a folder, to itself; none is followed': {
    tree: ['/etc/passwd', '../../../../etc', 'nowhere', 'src', 'link-5'].map((content, index) => ({
      name: `link-${index + 1}`,
      mode: '120000',
      content,
    })),
    script: `${edit}; ln -sfn /etc link-4; ln -s ../.. new-link; rm link-3; echo x > link-3`,
    differs: ['README.md', 'link-3', 'link-4', 'new-link'],
    check: async (after) => {
      expect(after.get('new-link')).toMatch(/^120000/)
      expect(after.get('link-3')).toMatch(/^100644/)
      expect(await bytes('link-4')).toBe('/etc')
    },
  },
  'a folder made a link out of the tree: its files are gone, nothing behind the link is taken': {
    script: `rm -r src; ln -s /etc src; ${edit}`,
    differs: ['README.md', 'src', 'src/index.js'],
    check: (after) => expect(after.get('src')).toMatch(/^120000/),
  },
  'a link made a folder: the folder’s files are taken': {
    tree: [{ name: 'docs', mode: '120000', content: 'src' }],
    script: 'rm docs; mkdir docs; echo x > docs/x.md',
    differs: ['docs', 'docs/x.md'],
  },
  'names with a line feed, quotes, a tab, a dash, spaces and a backslash, changed and new': {
    tree: ['a\nb', 'a"b', "a'b", 'a\tb', '-rf', ' a ', 'a\\b', '$(x)', ':(top)x', '*'].map((name) => ({
      name,
      content: 'x\n',
    })),
    script: `for f in ./*; do test -d "$f" || echo more >> "$f"; done; echo n > "new
line"; echo n > ./-new; echo n > ':!new'`,
    differs: [
      ' a ',
      '$(x)',
      '*',
      '-new',
      '-rf',
      ':!new',
      ':(top)x',
      'README.md',
      'a\tb',
      'a\nb',
      'a"b',
      "a'b",
      'a\\b',
      'new\nline',
    ],
  },
  'the same name in two forms of Unicode is two files': {
    tree: [
      { name: NFC, content: 'composed\n' },
      { name: NFD, content: 'decomposed\n' },
    ],
    script: `printf 'changed\\n' > "$(printf 'cafe\\314\\201.txt')"`,
    differs: [NFD],
    check: async () => expect(await bytes('caf\u00e9.txt')).toBe('composed\n'),
  },
  'names that differ in case only are two files': {
    tree: [
      { name: 'Clash.txt', content: 'upper\n' },
      { name: 'clash.txt', content: 'lower\n' },
      { name: 'SRC/index.js', content: 'upper\n' },
    ],
    script: 'echo changed > clash.txt; echo changed > SRC/index.js',
    differs: ['SRC/index.js', 'clash.txt'],
  },
  'a path of 2,000 characters': {
    tree: [{ name: `${LONG}${'f'.repeat(250)}`, content: 'x\n' }],
    script: `cd ${LONG}; echo more >> ${'f'.repeat(250)}; echo n > n`,
    differs: [`${LONG}${'f'.repeat(250)}`, `${LONG}n`],
  },
  'empty folders are no change': { script: 'mkdir -p a/b/c', differs: [] },
  'an executable bit alone is a change, and stays where it is': {
    tree: [{ name: 'run.sh', mode: '100755', content: '#!/bin/sh\n' }],
    script: 'chmod +x src/index.js; echo "true" >> run.sh',
    differs: ['run.sh', 'src/index.js'],
    check: (after) =>
      expect([after.get('run.sh')?.slice(0, 6), after.get('src/index.js')?.slice(0, 6)]).toEqual(['100755', '100755']),
  },
  'a file with CRLF stays so, and is no edit': {
    tree: [{ name: 'dos.txt', content: 'a\r\nb\r\n' }],
    script: `touch dos.txt; ${edit}`,
    differs: ['README.md'],
  },
  'eol=crlf: the agent sees CRLF, the repository keeps LF': {
    tree: [
      { name: '.gitattributes', content: '*.txt text eol=crlf\n' },
      { name: 'a.txt', content: 'a\n' },
      { name: 'b.txt', content: 'b\n' },
    ],
    script: `test "$(wc -c < a.txt)" = 3; touch a.txt; printf 'b\\r\\nc\\r\\n' > b.txt`,
    differs: ['b.txt'],
    check: async () => expect(await bytes('b.txt')).toBe('b\nc\n'),
  },
  'a filter that the repository names and nobody has configured changes nothing': {
    tree: [
      { name: '.gitattributes', content: '* filter=crypt\n*.js ident\n' },
      { name: 'secret.txt', content: 'cipher\n' },
    ],
    script: `touch secret.txt; ${edit}`,
    differs: ['README.md'],
    check: async () => expect(await bytes('secret.txt')).toBe('cipher\n'),
  },
  'a repository that the agent makes inside is left out, and named': {
    script: `git init -q tool; cd tool; echo x > x; git add x; git -c user.name=a -c user.email=a@b commit -qm x; cd ..; git init -q src/empty; ${edit}`,
    differs: ['README.md'],
    leg: {
      leftOut: [
        { path: 'src/empty/', why: 'scratch' },
        { path: 'tool/', why: 'scratch' },
      ],
    },
  },
  'another author’s name on the agent’s commits is kept': {
    script: `${edit}; git -c user.name=Else -c user.email=else@example.com commit -qam Work`,
    differs: ['README.md'],
    check: async () =>
      expect(await shop.git('acme/api', 'log', '-1', '--format=%an <%ae> %cn', BRANCH)).toBe('Else <else@example.com> Else'),
  },
  'a branch switched, with edits on top': {
    script: `git checkout -qb mine; echo 2 > src/index.js; git commit -qam Two; ${edit}`,
    differs: ['README.md', 'src/index.js'],
    leg: { ahead: 2 },
  },
  'history amended and squashed before any push is taken as it is': {
    script: `echo 2 > src/index.js; git commit -qam Two; echo 3 > src/index.js; git commit -qa --amend -m Three; ${edit}; git commit -qam Four; git reset -q --soft HEAD~2; git commit -qm All`,
    differs: ['README.md', 'src/index.js'],
    leg: { ahead: 1 },
  },
  'HEAD detached at the base, with a commit and an edit': {
    script: `git checkout -q --detach; echo 2 > src/index.js; git commit -qam Two; ${edit}`,
    differs: ['README.md', 'src/index.js'],
    leg: { ahead: 2 },
  },
  'tags, notes, stashes and other branches stay behind': {
    script: `git tag v9; git notes add -m note; echo 2 > src/index.js; git stash -q; git branch other; ${edit}`,
    differs: ['README.md'],
    check: async () =>
      expect(await shop.git('acme/api', 'for-each-ref', '--format=%(refname)')).toBe(`refs/heads/main\nrefs/heads/${BRANCH}`),
  },
  'an index that the agent locked or broke does not count': {
    script: `${edit}; echo broken > .git/index; touch .git/index.lock`,
    differs: ['README.md'],
  },
  'a pipe and a socket among the files are passed over': {
    script: `mkfifo pipe; node -e 'require("node:net").createServer().listen("sock", () => process.kill(process.pid, "SIGKILL"))' || true; test -S sock; ${edit}`,
    differs: ['README.md'],
  },
}

test.each(Object.entries(cases))('[JOB-7] %s', async (_what, { tree = [], script, differs, leg = {}, check }) => {
  const { result, after, said, ...found } = await run(tree, script)
  const expected = differs.length === 0 ? { status: 'failed', failure: { cause: 'no-changes' } } : { status: 'finished' }
  expect(result, said).toMatchObject({ ...expected, legs: [leg] })
  expect(found.differs, said).toEqual(differs.toSorted())
  await check?.(after)
  expect(shop.server.requests.every(({ repository }) => repository === 'acme/api')).toBe(true)
})

test('[JOB-8] a name that the file system cannot hold is said before the agent starts', async () => {
  const { result } = await run([{ name: 'f'.repeat(700), content: 'x' }], `touch ${shop.dir}/started`)
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'git', message: expect.stringMatching(/^acme\/api: git read-tree failed .*too long/) },
  })
  expect(await readdir(shop.dir)).not.toContain('started')
})

test('[JOB-7] a repository made inside and added by the agent is a link that nobody can follow: taken, as git has it', async () => {
  const { result, after } = await run(
    [],
    'git init -q tool; cd tool; echo x > x; git add x; git -c user.name=a -c user.email=a@b commit -qm x; cd ..; git add tool 2>/dev/null; git commit -qm Tool',
  )
  expect(result.status).toBe('finished')
  expect(after.get('tool')).toMatch(/^160000/)
})
