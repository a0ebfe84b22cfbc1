import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../../src/contract/failure.ts'
import { commandRuntime } from './command.ts'
import type { ProcessEnd } from './runtime.ts'

const runtime = commandRuntime()
const end = (more: Partial<ProcessEnd>): ProcessEnd => ({ exitCode: 0, signal: null, sawEnd: null, stderrTail: '', ...more })

function parse(...lines: string[]) {
  const parser = runtime.parser()
  return [...parser.push(Buffer.from(lines.join('\n'))), ...parser.end()]
}

describe('the command runtime', () => {
  it('[AGT-4] takes lines that are events as events and all others as text', () => {
    const odd = ['{"type":"session"}', '{"type":"end","ok":"yes"}', '{"type":"novelty"}', '{"type":"te']
    expect(parse('{"type":"todos","done":1,"total":2}', '', 'words', ...odd)).toEqual([
      { type: 'todos', done: 1, total: 2 },
      ...['words', ...odd].map((text) => ({ type: 'text', text })),
    ])
  })

  it('[AGT-4] says that a line over 1 MiB was left out', () => {
    expect(parse('x'.repeat(2 ** 21), 'after')).toEqual([
      { type: 'text', text: '(a line of 2097152 bytes was left out)' },
      { type: 'text', text: 'after' },
    ])
  })

  it('[AGT-5] judges by exit code, signal and the event of the end', () => {
    expect(runtime.outcome(end({}))).toEqual({ ok: true })
    expect(runtime.outcome(end({ exitCode: 1, sawEnd: { type: 'end', ok: true } }))).toMatchObject({ ok: false })
    expect(runtime.outcome(end({ exitCode: null, signal: 'SIGKILL' }))).toMatchObject({
      failure: { cause: 'agent', message: 'The program was ended by SIGKILL.' },
    })
    const told = { type: 'end', ok: false, error: { cause: 'rate-limit', message: 'Later.' } } as const
    expect(runtime.outcome(end({ sawEnd: told }))).toEqual({ ok: false, failure: told.error })
  })

  it('refuses a task without a command, as a fault of the configuration', async () => {
    const task = {
      workDir: '/w',
      privateDir: '/p',
      promptFile: '/p/prompt',
      instructionsFile: '/p/instructions',
      reportFile: '/p/report',
      nonce: 'n'.repeat(16),
      role: 'coder',
      mode: 'code',
      env: {},
    } as const
    const refused = await runtime.invocation(task).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SwitchyardError)
    expect(refused).toMatchObject({ failure: { cause: 'config' } })
  })
})
