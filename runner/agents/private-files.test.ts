import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { codexRuntime } from './codex.ts'
import { privateFolder, writePrivate } from './private-files.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'switchyard-private-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

it('writes into folders and files of its own, whatever an agent put in their place', async () => {
  const host = await privateFolder(root, 'host')
  await writeFile(path.join(host, 'precious'), 'precious')
  const home = await privateFolder(root, 'home')
  await symlink(host, path.join(home, 'linked'))
  await symlink(path.join(host, 'absent'), path.join(home, 'dangling'))
  await writeFile(path.join(home, 'plain'), '')
  for (const name of ['linked', 'dangling', 'plain']) {
    const folder = await privateFolder(home, name, 'below')
    await writePrivate(folder, 'precious', 'ours')
    expect(await readFile(path.join(home, name, 'below', 'precious'), 'utf8')).toBe('ours')
  }
  await symlink(path.join(host, 'precious'), path.join(home, 'file'))
  execFileSync('mkfifo', [path.join(home, 'pipe')])
  for (const name of ['file', 'pipe']) expect(await readFile(await writePrivate(home, name, 'ours'), 'utf8')).toBe('ours')
  expect((await stat(path.join(home, 'file'))).mode & 0o777).toBe(0o600)
  expect(await readdir(host)).toEqual(['precious'])
  expect(await readFile(path.join(host, 'precious'), 'utf8')).toBe('precious')
})

it('is how a runtime writes its settings for a session that goes on', async () => {
  const bin = await privateFolder(root, 'bin')
  await writeFile(path.join(bin, 'codex'), '#!/bin/sh\n', { mode: 0o755 })
  const home = await privateFolder(root, 'home')
  const codex = await privateFolder(home, 'codex')
  await writeFile(path.join(root, 'precious'), 'precious')
  for (const name of ['config.toml', 'AGENTS.md']) await symlink(path.join(root, 'precious'), path.join(codex, name))
  const instructionsFile = await writePrivate(root, 'instructions.md', 'Be good.')
  await codexRuntime({ env: { PATH: bin, OPENAI_API_KEY: 'key' }, toolsDir: root }).invocation({
    workDir: root,
    privateDir: home,
    promptFile: instructionsFile,
    instructionsFile,
    reportFile: path.join(root, 'report.json'),
    nonce: 'nonce',
    role: 'coder',
    mode: 'code',
    env: {},
  })
  expect(await readFile(path.join(root, 'precious'), 'utf8')).toBe('precious')
  expect(await readFile(path.join(codex, 'AGENTS.md'), 'utf8')).toContain('Be good.')
})
