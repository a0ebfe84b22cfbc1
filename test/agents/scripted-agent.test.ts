import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandRuntime } from '../../runner/agents/command.ts'
import type { AgentTask } from '../../runner/agents/runtime.ts'
import type { AgentScriptInput } from './agent-script.ts'
import { runAgent, startAgent, type TaskFolder, taskFolder } from './run-agent.ts'

const AGENT = resolve('test/agents/scripted-agent.ts')
const runtime = commandRuntime()

describe('the scripted agent', () => {
  let folder: TaskFolder
  beforeEach(async () => {
    folder = await taskFolder()
  })
  afterEach(() => folder.remove())

  const work = (path: string) => join(folder.root, 'work', path)

  async function task(calls: AgentScriptInput['calls'], prompt = 'Do it.', more: Partial<AgentTask> = {}) {
    const script = join(folder.root, 'script.json')
    await writeFile(script, JSON.stringify({ calls }))
    return folder.task(prompt, { command: [process.execPath, AGENT, script], ...more })
  }

  it('changes files in two legs, commits, reports, and does the same again when repeated', async () => {
    for (const leg of ['a__one', 'a__two']) {
      await mkdir(work(leg), { recursive: true })
      await execa('git', ['init', '--quiet'], { cwd: work(leg) })
    }
    const job = await task([
      {
        actions: [
          { do: 'write', in: 'a__one', path: 'src/x.js', content: 'let a = 1\n' },
          { do: 'append', in: 'a__one', path: 'src/x.js', content: 'let b = 2\n' },
          { do: 'replace', in: 'a__one', path: 'src/x.js', from: 'a = 1', to: 'a = 9' },
          { do: 'commit', in: 'a__one', message: 'Change one' },
          { do: 'write', in: 'a__two', path: 'gone.txt', content: '' },
          { do: 'delete', in: 'a__two', path: 'gone.txt' },
          { do: 'run', in: 'a__two', argv: ['git', 'status', '--short'] },
          { do: 'emit', event: { type: 'todos', done: 1, total: 2 } },
          { do: 'report', report: { status: 'success', summary: 'Both.' } },
        ],
      },
    ])
    const first = await runAgent(runtime, job)
    const again = await runAgent(runtime, job)

    expect(first).toMatchObject({ outcome: { ok: true }, stderr: '' })
    expect(again.events).toEqual(first.events)
    expect(await readFile(work('a__one/src/x.js'), 'utf8')).toBe('let a = 9\nlet b = 2\n')
    expect(existsSync(work('a__two/gone.txt'))).toBe(false)
    const { stdout } = await execa('git', ['log', '--format=%s'], { cwd: work('a__one') })
    expect(stdout).toBe('Change one')
    expect(await folder.report()).toEqual({ nonce: 'nonce-0123456789abcdef', status: 'success', summary: 'Both.' })
    expect(first.events).toContainEqual({ type: 'todos', done: 1, total: 2 })
    expect(first.events.at(-1)).toEqual({ type: 'end', ok: true })
  })

  it('chooses by role, prompt, files and resume; the first that fits', async () => {
    const say = (text: string) => [{ do: 'emit' as const, event: { type: 'text' as const, text } }]
    const calls: AgentScriptInput['calls'] = [
      { when: { role: 'planner' }, actions: say('plan') },
      { when: { role: 'coder', resumed: true }, actions: say('resumed') },
      { when: { role: 'coder', promptIncludes: ['REWORK', 'again'] }, actions: say('rework') },
      { when: { role: 'coder', fileExists: 'done.txt' }, actions: say('done already') },
      { when: { role: 'coder', promptLacks: 'REWORK' }, actions: say('first') },
    ]
    const saidFor = async (prompt: string, more: Partial<AgentTask> = {}) => {
      const { events } = await runAgent(runtime, await task(calls, prompt, more))
      return events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
    }
    expect(await saidFor('x', { role: 'planner' })).toEqual(['plan'])
    expect(await saidFor('x')).toEqual(['first'])
    expect(await saidFor('REWORK again')).toEqual(['rework'])
    expect(await saidFor('x', { resume: 's1' })).toEqual(['resumed'])
    await writeFile(work('done.txt'), '')
    expect(await saidFor('x')).toEqual(['done already'])
    expect((await runAgent(runtime, await task(calls, 'x', { role: 'nobody' }))).exitCode).toBe(64)
  })

  it('crashes, exits, fails and writes bad reports on request', async () => {
    const crashed = await runAgent(runtime, await task([{ actions: [{ do: 'crash' }] }]))
    expect(crashed).toMatchObject({ signal: 'SIGKILL', outcome: { ok: false, failure: { cause: 'agent' } } })
    expect((await runAgent(runtime, await task([{ actions: [{ do: 'exit', code: 3 }] }]))).exitCode).toBe(3)
    const failing = await task([{ actions: [{ do: 'run', argv: ['git', 'no-such-command'] }] }])
    expect((await runAgent(runtime, failing)).exitCode).toBe(1)
    await runAgent(runtime, await task([{ actions: [{ do: 'malformed-report' }] }]))
    await expect(folder.report()).rejects.toThrow(SyntaxError)
    await runAgent(runtime, await task([{ actions: [{ do: 'report', report: { nonce: 'other', status: 'success' } }] }]))
    expect(await folder.report()).toEqual({ nonce: 'other', status: 'success' })
  })

  it('waits for a file, leaves an orphan, and hangs until it is killed', async () => {
    const running = await startAgent(
      runtime,
      await task([
        {
          actions: [
            { do: 'wait-for', file: 'go' },
            { do: 'orphan', pidFile: 'orphan.pid' },
            { do: 'hang', ignoreTerm: true },
          ],
        },
      ]),
    )
    await writeFile(work('go'), '')
    while (running.events.filter((event) => event.type === 'tool-end').length < 2) await new Promise(setImmediate)
    const orphan = Number.parseInt(await readFile(work('orphan.pid'), 'utf8'), 10)
    process.kill(-running.pid, 'SIGKILL')
    expect((await running.done).signal).toBe('SIGKILL')
    expect(process.kill(orphan, 0)).toBe(true)
    process.kill(orphan, 'SIGKILL')
  })
})
