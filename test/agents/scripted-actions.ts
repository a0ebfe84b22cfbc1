import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { AgentEvent } from '../../runner/agents/runtime.ts'
import { whoIs } from '../support/known-process.ts'
import type { Action } from './agent-script.ts'
import { threadsIn } from './role-defaults.ts'

const POLL_MS = 25
/** Longer than any job. */
const FOREVER_MS = 2 ** 31 - 1
const IDENTITY = ['-c', 'user.name=Scripted Agent', '-c', 'user.email=agent@example.com'] as const

export interface Job {
  workDir: string
  reportFile: string
  nonce: string
  prompt: string
  emit(event: AgentEvent): void
}

/** What comes after an action: the next one, or the end of the process. */
export type After = { exit: number } | undefined

/** Does one action. Throws when it cannot be done. */
export async function perform(action: Action, job: Job): Promise<After> {
  const folder = resolve(job.workDir, 'in' in action ? (action.in ?? '.') : '.')
  switch (action.do) {
    case 'write':
      await put(resolve(folder, action.path), action.content)
      return
    case 'append':
      await append(resolve(folder, action.path), action.content)
      return
    case 'replace':
      await replace(resolve(folder, action.path), action.from, action.to)
      return
    case 'delete':
      await rm(resolve(folder, action.path), { recursive: true, force: true })
      return
    case 'run':
      await run(action.argv, folder, action.mayFail)
      return
    case 'commit':
      await commit(folder, action.message)
      return
    case 'merge-base':
      for (const repository of await repositoriesIn(job.workDir)) await mergeBase(repository, action.conflicts)
      return
    case 'emit':
      job.emit(action.event)
      return
    case 'print':
      process.stdout.write(`${action.line}\n`)
      return
    case 'wait-for':
      while (!existsSync(resolve(folder, action.file))) await setTimeout(POLL_MS)
      return
    case 'crash':
      process.kill(process.pid, 'SIGKILL')
      await setTimeout(FOREVER_MS)
      return
    case 'hang':
      if (action.ignoreTerm) process.on('SIGTERM', () => {})
      await setTimeout(FOREVER_MS)
      return
    case 'exit':
      return { exit: action.code }
    case 'orphan':
      await orphan(resolve(folder, action.pidFile))
      return
    case 'report':
      await put(job.reportFile, JSON.stringify({ nonce: job.nonce, ...action.report }, null, 2))
      return
    case 'answer-conversations': {
      const { outcome, reply, summary } = action
      const threads = threadsIn(job.prompt).map((thread) => ({ thread, outcome, reply }))
      await put(job.reportFile, JSON.stringify({ nonce: job.nonce, status: 'success', summary, threads }, null, 2))
      return
    }
    case 'malformed-report':
      await put(job.reportFile, action.content)
      return
    case 'no-report':
      return
  }
}

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

async function append(path: string, content: string): Promise<void> {
  const before = existsSync(path) ? await readFile(path, 'utf8') : ''
  if (before.endsWith(content)) return
  await mkdir(dirname(path), { recursive: true })
  await appendFile(path, content)
}

async function replace(path: string, from: string, to: string): Promise<void> {
  const before = await readFile(path, 'utf8')
  if (before.includes(from))
    await writeFile(
      path,
      before.replace(from, () => to),
    )
  else if (!before.includes(to)) throw new Error(`${path} has neither the text to replace nor its replacement`)
}

/** Runs a program, its output in the order of its coming; not execa, which takes longer to load than most agents live. */
function ended(file: string, args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

async function run(argv: string[], cwd: string, mayFail: boolean): Promise<void> {
  const [file = '', ...args] = argv
  const { code, output } = await ended(file, args, cwd).catch((error: unknown) => ({
    code: null,
    output: `${String(error)}\n`,
  }))
  process.stdout.write(output)
  if (output !== '' && !output.endsWith('\n')) process.stdout.write('\n')
  if (code !== 0 && !mayFail) throw new Error(`${argv.join(' ')} ended with ${code ?? 'no exit code'}`)
}

/** Git's output without the last line feed; throws where it fails. */
function git(cwd: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', args, { cwd }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trimEnd())
      else reject(new Error(`git ${args.join(' ')}: ${stderr}`))
    })
  })
}

/** The clone says who commits; where it does not, it is this agent. */
async function identityIn(cwd: string): Promise<readonly string[]> {
  const email = await git(cwd, 'config', 'user.email').catch(() => '')
  return email === '' ? IDENTITY : []
}

async function commit(cwd: string, message: string): Promise<void> {
  await git(cwd, 'add', '--all')
  if ((await git(cwd, 'diff', '--cached', '--name-only')) === '') return
  await git(cwd, ...(await identityIn(cwd)), 'commit', '--quiet', '--message', message)
}

/** The folder itself where it is a repository, else those of its folders that are. */
async function repositoriesIn(folder: string): Promise<string[]> {
  if (existsSync(resolve(folder, '.git'))) return [folder]
  const names = await readdir(folder)
  return names.map((name) => resolve(folder, name)).filter((path) => existsSync(resolve(path, '.git')))
}

/** The clone knows one branch of its origin: the base. */
async function mergeBase(cwd: string, conflicts: 'ours' | 'markers'): Promise<void> {
  const base = await git(cwd, 'for-each-ref', '--format=%(refname)', 'refs/remotes/origin')
  const identity = await identityIn(cwd)
  const resolved = conflicts === 'ours' ? ['--strategy-option=ours'] : []
  const merged = await git(cwd, ...identity, 'merge', '--quiet', '--no-edit', ...resolved, base).then(
    () => true,
    () => false,
  )
  if (merged) return
  await git(cwd, 'add', '--all')
  await git(cwd, ...identity, 'commit', '--quiet', '--no-edit')
}

async function orphan(pidFile: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${FOREVER_MS})`], { detached: true, stdio: 'ignore' })
  child.unref()
  await put(pidFile, whoIs(child.pid ?? 0))
}
