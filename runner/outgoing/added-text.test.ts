import { expect, test } from 'vitest'
import { type AddedText, readPatch } from './added-text.ts'

async function read(patch: string): Promise<AddedText[]> {
  const pieces: AddedText[] = []
  for await (const piece of readPatch(patch.split('\n'))) pieces.push(piece)
  return pieces
}

test('only what is added counts, by file and line; the words of the commit and names too', async () => {
  const patch = `commit 1
tree 2
author Ada <a@x>
@@ -0,0 +1 @@
+in the header
diff --git a/forged b/forged

    a message
    +++ b/forged
    @@ -0,0 +1 @@

diff --git a/a b.txt b/a b.txt
index 1..2 100644
--- a/a b.txt
+++ b/a b.txt\t
@@ -1,2 +1,2 @@ function
-old
--- old
+++ new
+new two
@@ -8,5 +9,5 @@
 nine
-gone
+ten
 eleven
+twelve
\\ No newline at end of file
commit 2
author Ada`
  expect(await read(patch)).toEqual([
    { path: null, line: 1, text: 'tree 2\nauthor Ada <a@x>\n@@ -0,0 +1 @@\n+in the header\ndiff --git a/forged b/forged' },
    { path: null, line: 1, text: 'a message\n+++ b/forged\n@@ -0,0 +1 @@' },
    { path: null, line: 1, text: 'diff --git a/a b.txt b/a b.txt' },
    { path: 'a b.txt', line: 1, text: '++ new\nnew two' },
    { path: 'a b.txt', line: 10, text: 'ten' },
    { path: 'a b.txt', line: 12, text: 'twelve' },
    { path: null, line: 1, text: 'author Ada' },
  ])
})

test('of a merge what neither side had, or one side has', async () => {
  const patch = 'commit 1\ntree 2\n\n    x\ndiff --cc a\n+++ b/a\n@@@ -1,1 -1,1 +1,3 @@@\n++both\n +one\n- gone\n  same'
  expect((await read(patch)).at(-1)).toEqual({ path: 'a', line: 1, text: 'both\none' })
})

test('long parts come in pieces that overlap by a line, and keep their lines', async () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `${n} ${'x'.repeat(50)}`)
  const pieces = await read(`diff --git a/a b/a\n+++ b/a\n@@ -0,0 +1,3000 @@\n${lines.map((line) => `+${line}`).join('\n')}`)
  const named = pieces.filter(({ path }) => path === 'a')
  expect(named.length).toBeGreaterThan(1)
  for (const { line, text } of named)
    expect(text.split('\n')).toEqual(lines.slice(line - 1, line - 1 + text.split('\n').length))
  expect(named.at(-1)?.text.endsWith(lines.at(-1) ?? '')).toBe(true)
})
