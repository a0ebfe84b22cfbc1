import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

test('the published types know the examples as right, and each mistake of `mistakes.js` as one', async () => {
  const project = fileURLToPath(new URL('tsconfig.examples.json', import.meta.url))
  const { exitCode, stdout } = await execa('tsc', ['-p', project], { preferLocal: true, reject: false })
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
})
