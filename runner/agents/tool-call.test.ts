import { describe, expect, it } from 'vitest'
import { type ToolKinds, toolStart } from './tool-call.ts'

const KINDS: ToolKinds = new Map([
  ['Bash', 'command'],
  ['Edit', 'edit'],
])
const started = (name: string, input: Record<string, unknown>) => {
  const event = toolStart({ id: '1', name, input }, KINDS)
  if (event.type !== 'tool-start') throw new Error('no beginning of a call')
  return event
}

describe('toolStart', () => {
  it('gives a tool its kind by the list of its runtime; what the list does not know is other', () => {
    expect(started('Edit', { file_path: '/a' })).toMatchObject({ kind: 'edit', detail: '/a' })
    expect(started('constructor', {})).toMatchObject({ kind: 'other', detail: '' })
  })

  it('looks into a command, given as a text or as a list of words', () => {
    expect(started('Bash', { command: 'npm test\nmore' })).toMatchObject({ kind: 'command', detail: 'npm test' })
    expect(started('Bash', { cmd: ['bash', '-lc', 'rg -n "a|b"'] })).toMatchObject({ kind: 'search' })
    expect(started('Bash', { command: 7 })).toMatchObject({ kind: 'command' })
  })

  it('knows the same call again, whatever surrounds a command, and no other one', () => {
    const call = (name: string, input: Record<string, unknown>) => started(name, input).call
    expect(call('Bash', { command: 'npm test', description: 'first' })).toBe(call('Bash', { command: 'npm test ' }))
    expect(call('Bash', { command: 'npm test' })).not.toBe(call('Bash', { command: 'npm tests' }))
    expect(call('Edit', { file_path: '/a', new: 'x' })).not.toBe(call('Edit', { file_path: '/a', new: 'y' }))
    expect(call('Edit', { text: 'x'.repeat(1_000_000) })).toHaveLength(22)
  })
})
