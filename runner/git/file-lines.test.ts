import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileLines } from './file-lines.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'file-lines-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function linesOf(content: string | Buffer, start?: number): Promise<string[]> {
  const file = path.join(folder, 'file')
  await writeFile(file, content)
  const lines: string[] = []
  for await (const line of fileLines(file, start)) lines.push(line)
  return lines
}

test('only a line feed ends a line', async () => {
  expect(await linesOf('+a\rb\u2028c\r\n\nd\x85e\x0bf')).toEqual(['+a\rb\xe2\x80\xa8c\r', '', 'd\xc2\x85e\x0bf'])
  expect(await linesOf('')).toEqual([])
  expect(await linesOf('head\0\0diff\nb\n', 6)).toEqual(['diff', 'b'])
})

test('a line may be longer than what is read at a time, and every byte is kept', async () => {
  const long = Buffer.alloc(300_000, 0xff)
  expect(await linesOf(Buffer.concat([Buffer.from('a\n'), long, Buffer.from('\nb')]))).toEqual([
    'a',
    long.toString('latin1'),
    'b',
  ])
})
