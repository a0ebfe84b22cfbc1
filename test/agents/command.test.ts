import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandRuntime } from '../../runner/agents/command.ts'
import type { AgentTask } from '../../runner/agents/runtime.ts'
import { Report } from '../../src/contract/report.ts'
import { runAgent, type TaskFolder, taskFolder } from './run-agent.ts'

const runtime = commandRuntime()

describe('the command runtime with real programs', () => {
  let folder: TaskFolder
  beforeEach(async () => {
    folder = await taskFolder()
  })
  afterEach(() => folder.remove())

  /** A task for a program given as its source. */
  async function program(source: string, more: Partial<AgentTask> = {}) {
    const file = join(folder.root, 'program.mjs')
    await writeFile(file, source)
    return folder.task('Add a price.\nAnd more.', { command: [process.execPath, file], ...more })
  }

  it('runs the example of docs/runtimes/command.md, which notes the task, reports and resumes', async () => {
    const page = await readFile('docs/runtimes/command.md', 'utf8')
    const [, source = ''] = /```js\n(.*?)```/s.exec(page) ?? []
    const first = await runAgent(runtime, await program(source))

    expect(first).toMatchObject({ exitCode: 0, outcome: { ok: true }, stderr: '' })
    expect(await readFile(join(folder.root, 'work', 'NOTES.md'), 'utf8')).toBe('- Add a price.\n')
    expect(Report.parse(await folder.report())).toMatchObject({ nonce: 'nonce-0123456789abcdef', status: 'success' })
    expect(first.events).toEqual([
      { type: 'session', id: expect.stringContaining('note-') },
      { type: 'tool-start', id: '1', name: 'write', kind: 'edit', detail: 'NOTES.md', call: expect.any(String) },
      { type: 'tool-end', id: '1', ok: true, detail: '' },
      { type: 'end', ok: true },
    ])
    const [session] = first.events
    const resume = session?.type === 'session' ? session.id : ''
    const second = await runAgent(runtime, await program(source, { resume }))
    expect(second.events[0]).toEqual(session)
  })

  it('[AGT-2] gives the prompt on standard input and in a file, everything else in the environment, and no more', async () => {
    process.env.SWITCHYARD_TEST_LEAK = 'must not arrive'
    const source = `
      import { readFileSync, readdirSync } from 'node:fs'
      const stdin = readFileSync(0, 'utf8')
      const { env } = process
      const files = [env.SWITCHYARD_PROMPT_FILE, env.SWITCHYARD_INSTRUCTIONS_FILE].map((file) => readFileSync(file, 'utf8'))
      readdirSync(env.SWITCHYARD_SESSION_DIR)
      console.log(JSON.stringify({ type: 'text', text: JSON.stringify({ stdin, files, env, cwd: process.cwd(), argv: process.argv }) }))`
    const task = await program(source, { model: 'm1', effort: 'high', resume: 's1', mode: 'explore' })
    const run = await runAgent(runtime, task)
    delete process.env.SWITCHYARD_TEST_LEAK

    const [event] = run.events
    const seen = JSON.parse(event?.type === 'text' ? event.text : '')
    expect(seen.stdin).toBe('Add a price.\nAnd more.')
    expect(seen.files).toEqual([seen.stdin, 'You are the coder. INSTRUCTIONS-MARK'])
    expect(seen.cwd).toBe(task.workDir)
    expect(seen.argv.slice(2)).toEqual([])
    expect(seen.env).toEqual({
      ...task.env,
      SWITCHYARD_PROMPT_FILE: task.promptFile,
      SWITCHYARD_INSTRUCTIONS_FILE: task.instructionsFile,
      SWITCHYARD_REPORT_FILE: task.reportFile,
      SWITCHYARD_NONCE: task.nonce,
      SWITCHYARD_ROLE: 'coder',
      SWITCHYARD_MODE: 'explore',
      SWITCHYARD_SESSION_DIR: join(task.privateDir, 'session'),
      SWITCHYARD_RESUME: 's1',
      SWITCHYARD_MODEL: 'm1',
      SWITCHYARD_EFFORT: 'high',
    })
  })

  it('[AGT-5] judges by the exit code, with the end of standard error as evidence', async () => {
    const run = await runAgent(runtime, await program(`console.error('out of memory'); process.exit(7)`))
    const failure = { cause: 'agent', message: 'The program exited with code 7.', detail: 'out of memory' }
    expect(run.outcome).toEqual({ ok: false, failure })
  })

  it('[AGT-5] is not misled by words about authentication in the output of a program that did well', async () => {
    const words = 'line 1401: 401 rate limit {"type":"result","is_error":true}'
    const run = await runAgent(runtime, await program(`console.log('${words}'); console.error('${words}')`))
    expect(run).toMatchObject({ outcome: { ok: true }, events: [{ type: 'text', text: words }] })
  })
})
