import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listInside, readInside, UnsafeFileError } from './safe-file.ts'

let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'safe-file-')))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

test('reads a plain file and says when there is none', async () => {
  await mkdir(path.join(root, 'a'))
  await writeFile(path.join(root, 'a/b'), 'text')
  expect((await readInside(root, 'a/b', 10))?.toString()).toBe('text')
  expect(await readInside(root, 'a/c', 10)).toBeNull()
  expect(await readInside(root, 'x/y', 10)).toBeNull()
})

test('[REP-1] follows no link, neither the file nor a folder on the way', async () => {
  const outside = path.join(root, 'outside')
  const inside = path.join(root, 'inside')
  await mkdir(outside)
  await mkdir(inside)
  await writeFile(path.join(outside, 'secret'), 'secret')
  await symlink(path.join(outside, 'secret'), path.join(inside, 'file'))
  await symlink(outside, path.join(inside, 'folder'))
  await expect(readInside(inside, 'file', 100)).rejects.toThrow(UnsafeFileError)
  await expect(readInside(inside, 'folder/secret', 100)).rejects.toThrow(UnsafeFileError)
  expect(await listInside(inside, 'folder')).toEqual([])
})

test('[REP-1] refuses what is too large, a folder, and a pipe that nobody writes', async () => {
  await writeFile(path.join(root, 'large'), 'x'.repeat(11))
  await mkdir(path.join(root, 'folder'))
  execFileSync('mkfifo', [path.join(root, 'pipe')])
  for (const name of ['large', 'folder', 'pipe']) await expect(readInside(root, name, 10)).rejects.toThrow(UnsafeFileError)
})
