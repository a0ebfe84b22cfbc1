/** An agent that attacks the host through what it leaves in its clone. Each attack would run `bait`, which leaves a mark. */
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
let bait: string
let mark: string
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api', { 'README.md': '#\n', 'src/index.js': '1\n', 'sub/keep': 'x\n' })
  bait = path.join(shop.dir, 'bait.sh')
  mark = path.join(shop.dir, 'mark')
  // Host git has its own home; the agent's git is told apart by the mark of the job in its environment.
  await writeFile(bait, `#!/bin/sh\nif test -z "$SWITCHYARD_JOB"; then env >> ${mark}; fi\ncat 2>/dev/null\nexit 0\n`)
  await chmod(bait, 0o755)
})
afterEach(async () => {
  await shop.close()
})

async function attack(script: string, more: Record<string, unknown> = {}) {
  const steps: Step[] = [{ do: 'sh', script }, success()]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], steps, more))
  return { result, ran: (await readdir(shop.dir)).includes('mark') }
}
const commitAll = 'git -c core.hooksPath=/dev/null -c core.fsmonitor=false commit -qam Work'

test('the bait works: git run by somebody else in such a clone does run it', async () => {
  const victim = path.join(shop.dir, 'victim')
  await execa('git', ['clone', '-q', `${shop.dir}/repos/acme/api.git`, victim])
  await writeFile(path.join(victim, '.gitattributes'), '* filter=evil\n')
  await execa('git', ['config', 'filter.evil.clean', bait], { cwd: victim })
  await writeFile(path.join(victim, 'README.md'), 'changed\n')
  await execa('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', 'status'], {
    cwd: victim,
    env: { SWITCHYARD_JOB: '' },
  })
  expect(await readdir(shop.dir)).toContain('mark')
})

test.each([
  [
    'a filter driver',
    (): string =>
      `git config filter.evil.clean ${bait}; git config filter.evil.smudge ${bait}; git config filter.evil.process ${bait}; echo '* filter=evil' > .gitattributes; echo new > README.md`,
  ],
  [
    'hooks',
    (): string =>
      `for h in pre-commit commit-msg post-commit pre-push post-checkout reference-transaction post-index-change; do mkdir -p .git/hooks; cp ${bait} .git/hooks/$h; done; echo new > README.md`,
  ],
  [
    'core.hooksPath',
    (): string =>
      `mkdir evil; for h in pre-commit post-index-change reference-transaction; do cp ${bait} evil/$h; done; git config core.hooksPath $PWD/evil; echo new > README.md`,
  ],
  ['core.fsmonitor', (): string => `git config core.fsmonitor ${bait}; echo new > README.md`],
  [
    'ssh, proxy and credential commands',
    (): string =>
      `git config core.sshCommand ${bait}; git config credential.helper ${bait}; git config core.gitProxy ${bait}; git config core.askPass ${bait}; git config core.editor ${bait}; echo new > README.md`,
  ],
  [
    'diff, merge and signing programs',
    (): string =>
      `git config diff.external ${bait}; git config diff.evil.textconv ${bait}; git config merge.evil.driver ${bait}; git config gpg.program ${bait}; git config commit.gpgSign true; echo '* diff=evil merge=evil' > .gitattributes; echo new > README.md`,
  ],
  [
    'an include',
    (): string =>
      `printf '[core]\\n\\tfsmonitor = ${bait}\\n' > .evilconfig; git config include.path $PWD/.evilconfig; echo new > README.md`,
  ],
  [
    'a promisor remote and pack hooks',
    (): string =>
      `git config extensions.partialClone evil; git config remote.evil.url 'ext::${bait}'; git config remote.evil.promisor true; git config remote.evil.uploadpack ${bait}; git config uploadpack.packObjectsHook ${bait}; git config protocol.ext.allow always; echo new > README.md`,
  ],
  [
    'a nested repository with a monitor of its own',
    (): string => `git init -q nested; git -C nested config core.fsmonitor ${bait}; echo x > nested/x; echo new > README.md`,
  ],
  [
    'a submodule with a monitor of its own',
    (): string =>
      `git init -q module; cd module; git config user.email a@b.c; git config user.name a; echo x > x; git add x; git commit -qm x; git config core.fsmonitor ${bait}; cd ..; git -c protocol.file.allow=always submodule add -q ./module module 2>/dev/null || git add module; printf '[submodule "module"]\\n\\tpath = module\\n\\turl = ./module\\n\\tignore = none\\n\\tupdate = !${bait}\\n' > .gitmodules; git add .gitmodules; git commit -qm Module; echo y > module/y; echo new > README.md`,
  ],
  ['the agent’s index', (): string => `git update-index --assume-unchanged README.md; echo new > README.md`],
] as const)('[JOB-7] %s: nothing of it runs on the host, and the work is taken all the same', async (_what, script) => {
  const { result, ran } = await attack(script())
  expect(ran, await readFile(mark, 'utf8').catch(() => '')).toBe(false)
  expect(result.status, JSON.stringify(result)).toBe('finished')
  expect(await shop.git('acme/api', 'show', 'switchyard/run1:README.md')).toBe('new')
})

test.each([
  ['a file', (): string => `rm -rf .git; echo "gitdir: ${shop.dir}/repos/acme/api.git" > .git`],
  ['a link', (): string => `mv .git ${shop.dir}/moved; ln -s ${shop.dir}/moved .git`],
  ['gone', (): string => 'rm -rf .git'],
  ['HEAD a link', (): string => `cp .git/HEAD ${shop.dir}/HEAD; rm .git/HEAD; ln -s ${shop.dir}/HEAD .git/HEAD`],
  ['HEAD a pipe', (): string => 'rm .git/HEAD; mkfifo .git/HEAD'],
  ['HEAD nonsense', (): string => `echo 'ref: refs/heads/../../../../etc/passwd' > .git/HEAD`],
] as const)('[JOB-7] .git made %s: the files still count, as edits on top of the start', async (_what, script) => {
  const { result, ran } = await attack(`echo new > README.md; ${script()}`)
  expect(ran).toBe(false)
  expect(result).toMatchObject({ status: 'finished', legs: [{ ahead: 1, committedForAgent: ['README.md'] }] })
  expect(result.notes.join()).toContain('no readable git directory')
})

test('objects of another repository cannot be brought in by alternates', async () => {
  await shop.repository('acme/secret', { 'secret.txt': 'very secret\n' })
  const blob = await shop.git('acme/secret', 'rev-parse', 'main:secret.txt')
  const { result } = await attack(
    `echo ${shop.dir}/repos/acme/secret.git/objects >> .git/objects/info/alternates; git update-index --add --cacheinfo 100644,${blob},stolen.txt; git commit -qm Steal`,
  )
  expect(result.status).toBe('failed')
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
})

test('objects of another repository cannot be brought in by links', async () => {
  await shop.repository('acme/secret', { 'secret.txt': 'very secret\n' })
  const blob = await shop.git('acme/secret', 'rev-parse', 'main:secret.txt')
  const [folder, rest] = [blob.slice(0, 2), blob.slice(2)]
  const source = `${shop.dir}/repos/acme/secret.git/objects/${folder}/${rest}`
  const { result } = await attack(
    `mkdir -p .git/objects/${folder}; ln -s ${source} .git/objects/${folder}/${rest}; git update-index --add --cacheinfo 100644,${blob},stolen.txt; git commit -qm Steal`,
  )
  expect(result.status).toBe('failed')
  expect(await shop.git('acme/api', 'branch', '--list')).toBe('* main')
})

test('a forged object does not get in', async () => {
  const { result } = await attack(
    `echo new > README.md; ${commitAll}; id=$(git rev-parse HEAD:README.md); f=.git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-); other=.git/objects/$(git rev-parse HEAD | cut -c1-2)/$(git rev-parse HEAD | cut -c3-); chmod u+w $f; cp $other $f`,
  )
  expect(result).toMatchObject({
    status: 'failed',
    failure: { cause: 'git', message: expect.stringContaining('not what its name says') },
  })
})

test('links out of the tree are committed as links, and nothing behind them is read or written', async () => {
  await writeFile(path.join(shop.dir, 'outside.txt'), 'outside\n')
  const { result } = await attack(`rm -rf sub; ln -s ${shop.dir} sub; ln -s ${shop.dir}/outside.txt link; echo new > README.md`)
  expect(result.status).toBe('finished')
  expect(await shop.git('acme/api', 'ls-tree', 'switchyard/run1', 'sub', 'link')).toMatch(/^120000 .*\tlink\n120000 .*\tsub$/)
  expect(await readFile(path.join(shop.dir, 'outside.txt'), 'utf8')).toBe('outside\n')
})
