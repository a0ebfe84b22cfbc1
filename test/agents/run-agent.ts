/** Runs what a runtime says to run, as the runner does: own process group, prompt on standard input, output parsed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { AgentEvent, AgentTask, Outcome, Runtime, SeenEvents } from '../../runner/agents/runtime.ts'

const STDERR_TAIL_CHARS = 4_000

export interface AgentRun {
  events: AgentEvent[]
  exitCode: number | null
  signal: string | null
  stderr: string
  outcome: Outcome
}

export interface RunningAgent {
  /** The process's id, which is its group's too. */
  pid: number
  events: AgentEvent[]
  done: Promise<AgentRun>
}

/** Starts an agent for a task. */
export async function startAgent(runtime: Runtime, task: AgentTask): Promise<RunningAgent> {
  const invocation = await runtime.invocation(task)
  const { file, args, env, stdin, cwd } = invocation
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const parser = runtime.parser()
  const events: AgentEvent[] = []
  let stderr = ''
  child.stdin.on('error', () => {})
  if (stdin === 'prompt') createReadStream(task.promptFile).pipe(child.stdin)
  else child.stdin.end()
  child.stdout.on('data', (chunk: Buffer) => {
    const told = parser.push(chunk)
    events.push(...told)
    if (child.pid !== undefined && told.some((event) => event.type === 'end' && event.stop)) process.kill(-child.pid, 'SIGTERM')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_TAIL_CHARS)
  })
  await once(child, 'spawn')

  async function end(): Promise<AgentRun> {
    const [[exitCode, signal]] = await Promise.all([once(child, 'exit'), finished(child.stdout), finished(child.stderr)])
    events.push(...parser.end())
    events.push(...((await invocation.leftBehind?.(seenIn(events))) ?? []))
    const sawEnd = seenIn(events).end
    return { events, exitCode, signal, stderr, outcome: runtime.outcome({ exitCode, signal, sawEnd, stderrTail: stderr }) }
  }
  return { pid: child.pid ?? 0, events, done: end() }
}

function seenIn(events: AgentEvent[]): SeenEvents {
  const last = <T extends AgentEvent['type']>(type: T) =>
    events.findLast((event): event is Extract<AgentEvent, { type: T }> => event.type === type)
  return { session: last('session')?.id ?? null, usage: last('usage')?.usage ?? {}, end: last('end') ?? null }
}

export async function runAgent(runtime: Runtime, task: AgentTask): Promise<AgentRun> {
  return (await startAgent(runtime, task)).done
}

export interface TaskFolder {
  root: string
  /** A task in this folder; the same folders each time, so that a session can be resumed. */
  task(prompt: string, more?: Partial<AgentTask>): Promise<AgentTask>
  report(): Promise<unknown>
  remove(): Promise<void>
}

/** A temporary folder with everything a task needs. */
export async function taskFolder(): Promise<TaskFolder> {
  const root = await mkdtemp(join(tmpdir(), 'switchyard-agent-'))
  const at = (name: string) => join(root, name)
  for (const name of ['work', 'private', 'home']) await mkdir(at(name))
  await writeFile(at('instructions.md'), 'You are the coder. INSTRUCTIONS-MARK')
  return {
    root,
    async task(prompt, more = {}) {
      await writeFile(at('prompt.md'), prompt)
      return {
        workDir: at('work'),
        privateDir: at('private'),
        promptFile: at('prompt.md'),
        instructionsFile: at('instructions.md'),
        reportFile: at('report.json'),
        nonce: 'nonce-0123456789abcdef',
        role: 'coder',
        mode: 'code',
        env: { PATH: process.env.PATH ?? '', HOME: at('home'), LANG: 'C.UTF-8' },
        ...more,
      }
    },
    report: async () => JSON.parse(await readFile(at('report.json'), 'utf8')),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
