/** Work with a guarded part: it stays here until a person approves exactly that part, and is looked at before every push. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FAKE_SECRET } from './fake-app.ts'
import { openWorkshop, type Step, success, type Workshop } from './workshop.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
  await shop.repository('acme/api', {
    'README.md': '# API\n',
    'package.json': '{"scripts":{"test":"node --test"}}\n',
    '.github/workflows/ci.yml': 'on: push\n',
  })
})
afterEach(async () => {
  await shop.close()
})

const BRANCH = 'switchyard/run1'
const sh = (script: string): Step => ({ do: 'sh', script })
const commit = (script: string): Step => sh(`${script}; git add -A; git commit -qm Work`)
const branches = () => shop.git('acme/api', 'branch', '--list', BRANCH)
/** Of the shape of a token, and nobody's. */
const token = `npm_${createHash('sha512').update('x').digest('base64').replace(/\W/g, '').slice(0, 36)}`

async function one(script: readonly Step[], more: Record<string, unknown> = {}) {
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], [...script, success()], more))
  return result.legs[0]?.push
}
async function heldHash(script: readonly Step[], more: Record<string, unknown> = {}): Promise<string> {
  const push = await one(script, more)
  if (push?.status !== 'held' || push.guarded?.hash == null) throw new Error(`not held: ${JSON.stringify(push)}`)
  return push.guarded.hash
}

describe('held before the push, with nothing on the remote and no token asked for', () => {
  const file = (path: string, what: string, kind = 'protected') => ({ kind, path, what })
  test.each([
    ['a workflow', 'echo x >> .github/workflows/ci.yml', [file('.github/workflows/ci.yml', 'changed')]],
    ['a workflow in other letters', 'mkdir .GitHub; echo x > .GitHub/x.yml', [file('.GitHub/x.yml', 'added')]],
    ['a workflow that is moved away', 'git mv .github/workflows/ci.yml ci.yml', [file('.github/workflows/ci.yml', 'deleted')]],
    [
      'a link in place of the folder',
      'git rm -rq .github; ln -s src .github',
      [file('.github', 'added'), file('.github/workflows/ci.yml', 'deleted')],
    ],
    ['code owners', 'echo "* @me" > CODEOWNERS', [file('CODEOWNERS', 'added')]],
    ["an agent's instructions, deep down", 'mkdir -p a/b; echo x > a/b/AGENTS.md', [file('a/b/AGENTS.md', 'added')]],
    ["an agent's hooks", 'mkdir .claude; echo {} > .claude/settings.json', [file('.claude/settings.json', 'added')]],
    ['what the configuration adds', 'mkdir infra; echo x > infra/main.tf', [file('infra/main.tf', 'added')]],
    [
      'an install script',
      `echo '{"scripts":{"postinstall":"node x.js"}}' > package.json`,
      [file('package.json', 'install script "postinstall"', 'manifest')],
    ],
  ])('%s', async (_what, script, findings) => {
    const push = await one([commit(script)], { protection: { paths: ['infra/**'] } })
    expect(push).toMatchObject({ status: 'held', guarded: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), findings } })
    expect(await branches()).toBe('')
    expect(shop.app.tokens.map(({ operation }) => operation)).not.toContain('push')
  })

  test('a credential, also one that a later commit takes away again, by file and line and never by its value', async () => {
    const script = [commit(`printf 'one\\ntoken=${token}\\n' > a.txt`), commit('git rm -q a.txt; echo b > b.txt')]
    expect(await one(script)).toMatchObject({
      status: 'held',
      guarded: { findings: [{ kind: 'secret', path: 'a.txt', line: 2, what: 'npm token' }] },
    })
    expect(JSON.stringify([shop.app.results, shop.logged])).not.toContain(token)
  })

  test('one that hides: in a file that git takes for binary, in the words of a commit', async () => {
    const hidden = `printf '* -diff -text\\n' > .gitattributes; printf 'x\\0${token}' > a.bin`
    expect(await one([commit(hidden)])).toMatchObject({ guarded: { findings: [{ kind: 'secret', path: 'a.bin' }] } })
    const said = sh(`echo x > x; git add -A; git commit -qm 'Use ${token}'`)
    expect(await one([said], { id: 'run1-code-2' })).toMatchObject({ guarded: { findings: [{ kind: 'secret' }] } })
  })

  test('one behind a carriage return, whatever else the same part adds', async () => {
    const script = commit(`printf 'one\\rtoken=${token}\\ntwo\\n' > a.txt`)
    const findings = [{ kind: 'secret', path: 'a.txt', line: 1, what: 'npm token' }]
    expect(await one([script])).toMatchObject({ status: 'held', guarded: { findings } })
    expect(await one([script, commit('echo b > b.txt')], { id: 'run1-code-2' })).toMatchObject({ guarded: { findings } })
  })

  test('one in the header of a commit that the agent wrote by itself', async () => {
    const header = `git cat-file commit HEAD | sed '/^committer/a note ${token}' | git hash-object -t commit -w --stdin --literally`
    const forged = sh(`echo x > x; git add -A; git commit -qm X; git reset -q --hard $(${header})`)
    const findings = [{ kind: 'secret', what: 'npm token' }]
    expect(await one([forged])).toMatchObject({ guarded: { findings } })
    expect(await one([forged, commit('echo y > y')], { id: 'run1-code-2' })).toMatchObject({ guarded: { findings } })
  })

  test('one that a merge brings and neither side had', async () => {
    const merge = sh(
      `git checkout -qb side; echo a > a; git add -A; git commit -qm A; git checkout -q -; echo b > b; git add -A; git commit -qm B; git merge -q --no-commit --no-ff side; echo ${token} > evil.txt; git add -A; git commit -qm Merge; git rm -q evil.txt; git commit -qm Clean`,
    )
    expect(await one([merge])).toMatchObject({ guarded: { findings: [{ kind: 'secret', path: 'evil.txt', line: 1 }] } })
  })

  test("one of the runner's own, in base64: nobody can let it through", async () => {
    const encoded = Buffer.from(`x:${FAKE_SECRET}`).toString('base64')
    const push = await one([commit(`echo ${encoded} > a.txt`)])
    expect(push).toMatchObject({ status: 'held', guarded: { hash: null, findings: [{ kind: 'own-secret', path: 'a.txt' }] } })
    expect(await branches()).toBe('')
  })
})

test('other work is pushed, also beside what people have changed on the branch themselves', async () => {
  await shop.commit('acme/api', BRANCH, { '.github/workflows/ci.yml': 'on: pull_request\n', 'key.txt': token })
  expect(await one([commit(`echo '{"scripts":{"test":"x","build":"y"}}' > package.json; echo x > src.ts`)])).toEqual({
    status: 'pushed',
  })
  // It is still seen before the merge.
  expect(shop.app.results.at(-1)?.result.legs[0]?.changedFiles.map(({ path }) => path)).toContain('.github/workflows/ci.yml')
})

test('manifests can be left to the review', async () => {
  const script = [commit(`echo '{"scripts":{"postinstall":"node x.js"}}' > package.json`)]
  expect(await one(script, { protection: { manifests: false } })).toEqual({ status: 'pushed' })
})

test('approved by its hash, that very commit is pushed without an agent; the next change of the same file is held again', async () => {
  const hash = await heldHash([commit('echo x >> .github/workflows/ci.yml')])
  const through = { protection: { allowed: [hash] } }
  expect(await one([sh(`touch ${shop.dir}/worked`)], { id: 'run1-code-2', pushes: 'run1-code-1', ...through })).toEqual({
    status: 'pushed',
  })
  expect(await shop.git('acme/api', 'show', `${BRANCH}:.github/workflows/ci.yml`)).toBe('on: push\nx')
  expect(await one([commit('echo more > more.txt')], { id: 'run1-code-3', ...through })).toEqual({ status: 'pushed' })
  expect(await one([commit('echo y >> .github/workflows/ci.yml')], { id: 'run1-code-4', ...through })).toMatchObject({
    status: 'held',
  })
})

test('an approval is for exactly this: not for other content, more of it, or another repository', async () => {
  await shop.repository('acme/web', { 'README.md': '# Web\n' })
  const script = [commit('echo "* @me" > CODEOWNERS')]
  const hash = await heldHash(script)
  const allowed = { protection: { allowed: [hash] } }
  expect(await one([commit('echo "* @you" > CODEOWNERS')], { id: 'run1-code-2', ...allowed })).toMatchObject({ status: 'held' })
  const more = [commit('echo "* @me" > CODEOWNERS; echo x > AGENTS.md')]
  expect(await one(more, { id: 'run1-code-3', ...allowed })).toMatchObject({ status: 'held' })
  const elsewhere = shop.spec([shop.leg('acme/web')], [...script, success()], { id: 'run1-code-4', ...allowed })
  expect((await shop.run(elsewhere)).result.legs[0]?.push).toMatchObject({ status: 'held' })
  expect(await one(script, { id: 'run1-code-5', ...allowed })).toEqual({ status: 'pushed' })
})

test('a checkpoint with a guarded part is not pushed either', async () => {
  const wait = sh(`while test ! -e ${shop.dir}/go; do sleep 0.02; done`)
  const running = one([commit('echo x > CODEOWNERS'), wait, commit('git rm -q CODEOWNERS; echo a > a.txt')], {
    limits: { checkpointMs: 1_000 },
  })
  await expect
    .poll(() => shop.logged.filter(({ message }) => message === 'checkpoint with a guarded part, not pushed'), {
      timeout: 20_000,
    })
    .toMatchObject([{ level: 'info', fields: { repo: 'acme/api', found: [{ kind: 'protected', path: 'CODEOWNERS' }] } }])
  expect(await branches()).toBe('')
  await writeFile(`${shop.dir}/go`, '')
  // What was undone before the end is in no tree that is pushed as the branch's head.
  expect(await running).toEqual({ status: 'pushed' })
})
