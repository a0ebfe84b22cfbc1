import { expect, test } from 'vitest'
import { parseConfiguration } from './parse.ts'

const faults = (source: string, allowed?: string[]) => {
  const result = parseConfiguration(source, allowed === undefined ? undefined : { prices: [], allowed })
  return result.ok ? [] : result.errors.map(({ line, path, message }) => `${line} ${path}: ${message}`)
}

const FILE = `version: 1
models: [claude-sonnet-4*, gpt-5]
roles:
  coder:
    runtime: { model: claude-opus-4-5 }
  planner:
    runtime: { model: sonnet }
`

test('[CFG-2] [CFG-3] a role whose model the file does not list is told so at its field, with what to do', () => {
  expect(faults(FILE)).toEqual([
    '5 roles.coder.runtime.model: `claude-opus-4-5` is none of `models`, which has `claude-sonnet-4*` and `gpt-5`. Add it there, or name one of these.',
  ])
})

test('[CFG-2] [CFG-3] what who runs Switchyard does not permit is told at its field, where the file is checked for them', () => {
  const file = FILE.replace('claude-opus-4-5', 'gpt-5')
  expect(faults(file)).toEqual([])
  expect(faults(file, ['claude-*', 'gpt-5'])).toEqual([])
  expect(faults(file, ['claude-haiku-4-5', 'claude-sonnet-4-5'])).toEqual([
    '2 models[1]: nothing of `gpt-5` may be asked for here. Who runs Switchyard permits `claude-haiku-4-5` and `claude-sonnet-4-5` (`ALLOWED_MODELS`).',
    '5 roles.coder.runtime.model: `gpt-5` may not be asked for here. Who runs Switchyard permits `claude-haiku-4-5` and `claude-sonnet-4-5` (`ALLOWED_MODELS`). Name one of these, or ask them to add it.',
  ])
})

test('a list that is no list is its own fault, and no other', () => {
  expect(faults(FILE.replace('[claude-sonnet-4*, gpt-5]', 'claude'))).toHaveLength(1)
})
