import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'
import type { AgentEvent } from '../../runner/agents/runtime.ts'
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

async function run(argv: string[], cwd: string, mayFail: boolean): Promise<void> {
  const [file = '', ...args] = argv
  const ended = await execa(file, args, { cwd, all: true, reject: false })
  if (ended.all !== '') process.stdout.write(`${ended.all}\n`)
  if (ended.failed && !mayFail) throw new Error(ended.shortMessage)
}

async function commit(cwd: string, message: string): Promise<void> {
  const git = execa({ cwd })
  await git`git add --all`
  const staged = await git({ reject: false })`git diff --cached --quiet`
  if (staged.exitCode === 0) return
  const { stdout: email } = await git({ reject: false })`git config user.email`
  await git`git ${email === '' ? IDENTITY : []} commit --quiet --message ${message}`
}

/** The folder itself where it is a repository, else those of its folders that are. */
async function repositoriesIn(folder: string): Promise<string[]> {
  if (existsSync(resolve(folder, '.git'))) return [folder]
  const names = await readdir(folder)
  return names.map((name) => resolve(folder, name)).filter((path) => existsSync(resolve(path, '.git')))
}

/** The clone knows one branch of its origin: the base. */
async function mergeBase(cwd: string, conflicts: 'ours' | 'markers'): Promise<void> {
  const git = execa({ cwd })
  const { stdout: base } = await git`git for-each-ref --format=%(refname) refs/remotes/origin`
  const { stdout: email } = await git({ reject: false })`git config user.email`
  const identity = email === '' ? IDENTITY : []
  const resolved = conflicts === 'ours' ? ['--strategy-option=ours'] : []
  const merged = await git({ reject: false })`git ${identity} merge --quiet --no-edit ${resolved} ${base}`
  if (merged.exitCode === 0) return
  await git`git add --all`
  await git`git ${identity} commit --quiet --no-edit`
}

async function orphan(pidFile: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${FOREVER_MS})`], { detached: true, stdio: 'ignore' })
  child.unref()
  await put(pidFile, String(child.pid))
}
