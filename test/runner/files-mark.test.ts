import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareGitHome } from '../../runner/git/git-environment.ts'
import { createGit } from '../../runner/git/run-git.ts'
import { filesMark } from '../../runner/workspace/files-mark.ts'
import type { LegWorkspace } from '../../runner/workspace/prepare-leg.ts'
import { JobLeg } from '../../src/contract/job.ts'
import { createRedactor } from '../../src/contract/redact.ts'

let dir: string
let folder: string
beforeEach(async () => {
  dir = await realpath(await mkdtemp(path.join(tmpdir(), 'switchyard-mark-')))
  folder = path.join(dir, 'work')
  await execa('git', ['init', '-q', '-b', 'work', folder])
  await commit('a.txt', 'a')
  await cp(path.join(folder, '.git'), path.join(dir, 'host.git'), { recursive: true })
})
afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

async function commit(file: string, text: string): Promise<void> {
  await writeFile(path.join(folder, file), text)
  await execa('git', ['add', '-A'], { cwd: folder })
  await execa('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-qm', 'A'], { cwd: folder })
}

test('the mark of the files differs after every edit, new file, deletion and commit, and only then', async () => {
  const git = createGit(await prepareGitHome(path.join(dir, 'home')), createRedactor(), 'test')
  const leg = JobLeg.parse({
    key: 'acme__api',
    repositoryId: 1,
    repository: 'acme/api',
    cloneUrl: 'https://github.com/acme/api.git',
    role: 'primary',
    access: 'write',
    baseBranch: 'main',
    workBranch: 'work',
  })
  const at = {
    baseTip: '',
    remoteHead: null,
    start: '',
    resumed: false,
    onBase: true,
    mergesBase: false,
    fromBase: [],
    notes: [],
  }
  const workspace: LegWorkspace = { leg, writable: true, folder, gitDir: path.join(dir, 'host.git'), ...at }
  const mark = () => filesMark(git, [workspace])

  const seen = [await mark()]
  expect(await mark()).toBe(seen[0])
  const acts = [
    () => writeFile(path.join(folder, 'a.txt'), 'another'),
    () => writeFile(path.join(folder, 'a.txt'), 'and another one'),
    () => writeFile(path.join(folder, 'new.txt'), 'new'),
    () => rm(path.join(folder, 'a.txt')),
    () => commit('b.txt', 'b'),
  ]
  for (const act of acts) {
    await act()
    const now = await mark()
    expect(seen).not.toContain(now)
    seen.push(now)
  }
  expect(await filesMark(git, [{ ...workspace, writable: false }])).toBe('[]')
})
