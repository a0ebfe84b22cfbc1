import { expect, test } from 'vitest'
import { parseCommands, writeCommand } from './parse.ts'

const read = (line: string) => parseCommands(line, '/yard')[0]

test('[CMD-1] [STP-16] a workflow is run with arguments, in quotes where they have spaces', () => {
  const command = { verb: 'run', pipeline: 'workflow:audit', args: { question: 'Where is it?', most: '5', empty: '' } } as const
  const line = '/yard run workflow:audit question="Where is it?" most=5 empty=""'
  expect(read(line)).toMatchObject({ ok: true, command })
  expect(writeCommand(command, '/yard')).toBe(line)
  expect(read('/yard run workflow:audit')).toMatchObject({ ok: true, command: { verb: 'run', pipeline: 'workflow:audit' } })
})

test.each([
  ['/yard run workflow:audit question', 'key=value'],
  ['/yard run workflow:audit a=1 a=2', 'twice'],
  ['/yard run workflow:audit a="b', 'key=value'],
  ['/yard run quick now=1', 'takes one word'],
])('%s is refused', (line, problem) => {
  expect(read(line)).toMatchObject({ ok: false, error: { problem: expect.stringContaining(problem) } })
})

test('[WF-3] resume takes --edited, and nothing else', () => {
  expect(read('/yard resume --edited')).toMatchObject({ ok: true, command: { verb: 'resume', edited: true } })
  expect(read('/yard resume')).toMatchObject({ ok: true, command: { verb: 'resume' } })
  expect(read('/yard resume edited')).toMatchObject({ ok: false })
})
